#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stream.h"

enum { INPUT_BLOCK = 128 * 1024, OUTPUT_BLOCK = 64 * 1024 };

int
input_open(struct input *in, int fd, struct output *tied)
{
	*in = (struct input){ .fd = fd, .tied = tied, .size = INPUT_BLOCK };
	in->buffer = malloc(in->size);
	return in->buffer == NULL ? -1 : 0;
}

int
output_open(struct output *out, int fd)
{
	*out = (struct output){ .fd = fd };
	out->buffer = malloc(OUTPUT_BLOCK);
	return out->buffer == NULL ? -1 : 0;
}

void
input_free(struct input *in)
{
	free(in->buffer);
	in->buffer = NULL;
}

void
output_free(struct output *out)
{
	free(out->buffer);
	out->buffer = NULL;
}

/* Whether a call that failed can be made again, if need be after a wait. */
static bool
try_again(int fd, short event)
{
	struct pollfd p = { .fd = fd, .events = event };

	if (errno == EINTR)
		return true;
	if (errno != EAGAIN && errno != EWOULDBLOCK)
		return false;
	return poll(&p, 1, -1) != -1 || errno == EINTR;
}

struct span
input_span(const struct input *in)
{
	return (struct span){ in->buffer + in->start, in->end - in->start };
}

void
input_take(struct input *in, size_t len)
{
	in->start += len;
	in->taken += len;
	if (in->start == in->end)
		in->start = in->end = 0;
}

/*
 * What is made of an input that was cut is not what it would be of all of it:
 * the last line, say, holds another address.  So nothing is written any more.
 */
static void
fail(struct input *in, int error)
{
	in->error = error;
	if (in->tied == NULL)
		return;
	output_flush(in->tied);
	if (in->tied->error == 0)
		in->tied->error = error;
}

/* Makes room behind what there is, by moving it or by more memory. */
static bool
make_room(struct input *in)
{
	char *buffer;

	if (in->end < in->size)
		return true;
	if (in->start >= in->size / 2) {
		memmove(in->buffer, in->buffer + in->start,
		    in->end - in->start);
		in->end -= in->start;
		in->start = 0;
		return true;
	}
	if ((buffer = realloc(in->buffer, in->size * 2)) == NULL) {
		fail(in, ENOMEM);
		return false;
	}
	in->buffer = buffer;
	in->size *= 2;
	return true;
}

bool
input_more(struct input *in)
{
	ssize_t n;

	if (in->eof || in->error != 0 || !make_room(in))
		return false;
	if (in->tied != NULL)
		output_flush(in->tied);
	do {
		if (in->pause != NULL)
			in->pause(in->with);
		n = read(in->fd, in->buffer + in->end, in->size - in->end);
	} while (n == -1 && try_again(in->fd, POLLIN));
	if (n == -1)
		fail(in, errno);
	else if (n == 0)
		in->eof = true;
	else
		in->end += (size_t)n;
	return n > 0;
}

size_t
input_line(struct input *in, size_t from, char end, size_t most)
{
	size_t seen = from, len;
	const char *s, *found;

	for (;;) {
		s = in->buffer + in->start;
		len = in->end - in->start;
		if (seen < len && (found = memchr(s + seen, end,
		    len - seen)) != NULL)
			return (size_t)(found - s) + 1 - from;
		seen = len;
		if (seen - from > most || !input_more(in))
			return seen - from;
	}
}

int
stream_write(int fd, struct span s)
{
	ssize_t n;

	while (s.len > 0) {
		n = write(fd, s.s, s.len);
		if (n == -1 && !try_again(fd, POLLOUT))
			return -1;
		if (n > 0) {
			s.s += n;
			s.len -= (size_t)n;
		}
	}
	return 0;
}

static void
write_all(struct output *out, struct span s)
{
	if (out->error == 0 && stream_write(out->fd, s) == -1)
		out->error = errno;
}

int
output_flush(struct output *out)
{
	write_all(out, (struct span){ out->buffer, out->len });
	out->len = 0;
	return out->error == 0 ? 0 : -1;
}

void
output_write(struct output *out, struct span s)
{
	if (out->diverted != NULL) {
		if (out->error == 0 && spool_add(out->diverted, s) == -1)
			out->error = errno;
		return;
	}
	if (s.len > OUTPUT_BLOCK - out->len) {
		output_flush(out);
		if (s.len >= OUTPUT_BLOCK) {
			write_all(out, s);
			return;
		}
	}
	if (s.len > 0)
		memcpy(out->buffer + out->len, s.s, s.len);
	out->len += s.len;
}

int
output_write_visible(struct output *out, struct span lines)
{
	const char *s = lines.s, *end = lines.s + lines.len, *lf;
	struct text t = { 0 };
	int done = 0;

	for (; s < end && done == 0; s = lf + 1) {
		lf = memchr(s, '\n', (size_t)(end - s));
		if (lf == NULL)
			lf = end;
		done = text_add_visible(&t, span_between(s, lf),
		    (size_t)(lf - s)) == -1 ? -1 : text_add_byte(&t, '\n');
	}
	if (done == 0)
		output_write(out, text_span(&t));
	text_free(&t);
	return done;
}
