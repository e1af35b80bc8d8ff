#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "replace.h"
#include "stream.h"

/*
 * What mkstemp(3) makes is for its owner alone.  The new file is for whom the
 * old one was.
 */
static int
allow_others(int fd, const char *name)
{
	mode_t mask = umask(0), mode = 0666 & ~mask;
	struct stat old;

	umask(mask);
	if (stat(name, &old) == 0)
		mode = old.st_mode & 0777;
	while (fchmod(fd, mode) == -1)
		if (errno != EINTR)
			return -1;
	return 0;
}

static int
sync_file(int fd)
{
	while (fsync(fd) == -1)
		if (errno != EINTR)
			return -1;
	return 0;
}

/* Closes it in any case; one that was interrupted is closed as well. */
static int
fill(int fd, const char *name, struct span content)
{
	int error = 0;

	if (stream_write(fd, content) == -1 || allow_others(fd, name) == -1 ||
	    sync_file(fd) == -1)
		error = errno;
	if (close(fd) == -1 && errno != EINTR && error == 0)
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
		if (fill(fd, name, content) == -1 ||
		    rename(beside.s, name) == -1) {
			error = errno;
			unlink(beside.s);
		}
	}
	text_free(&beside);
	errno = error;
	return error == 0 ? 0 : -1;
}
