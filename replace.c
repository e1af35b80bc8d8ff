#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "replace.h"

static int
write_all(int fd, struct span s)
{
	ssize_t n;

	for (; s.len > 0; s.s += n, s.len -= (size_t)n)
		if ((n = write(fd, s.s, s.len)) == -1) {
			if (errno != EINTR)
				return -1;
			n = 0;
		}
	return 0;
}

/* What mkstemp(3) makes is for its owner alone. */
static int
allow_others(int fd)
{
	mode_t mask = umask(0);

	umask(mask);
	return fchmod(fd, 0666 & ~mask);
}

/* Closes it in any case. */
static int
fill(int fd, struct span content)
{
	int error = 0;

	if (write_all(fd, content) == -1 || allow_others(fd) == -1 ||
	    fsync(fd) == -1)
		error = errno;
	if (close(fd) == -1 && error == 0)
		error = errno;
	errno = error;
	return error == 0 ? 0 : -1;
}

int
replace_file(const char *name, struct span content, bool *created)
{
	static const char ending[] = ".XXXXXX";
	struct text beside = { 0 };
	int fd, error = 0;

	*created = false;
	if (text_add_span(&beside, span_of(name)) == -1 ||
	    text_add(&beside, ending, sizeof(ending)) == -1) {
		text_free(&beside);
		errno = ENOMEM;
		return -1;
	}
	if ((fd = mkstemp(beside.s)) == -1) {
		error = errno;
	} else {
		*created = true;
		if (fill(fd, content) == -1 || rename(beside.s, name) == -1) {
			error = errno;
			unlink(beside.s);
		}
	}
	text_free(&beside);
	errno = error;
	return error == 0 ? 0 : -1;
}
