#include <string.h>

#include "plain_list.h"

enum { BLOCK = 64 };

/*
 * A bit for each byte of a block that ends a word: that is neither a dot nor
 * one of those atom characters that are most used, which are
 * + - / 0-9 _ ` a-z { | } ~, or that is the second of two dots.  Every x86-64
 * has what looks at sixteen bytes at once.
 */
#if defined(__SSE2__) && !defined(PORTABLE)
#include <emmintrin.h>

static __m128i
between(__m128i bytes, char least, char most)
{
	return _mm_and_si128(
	    _mm_cmpgt_epi8(bytes, _mm_set1_epi8((char)(least - 1))),
	    _mm_cmplt_epi8(bytes, _mm_set1_epi8((char)(most + 1))));
}

static uint64_t
tops(__m128i bytes)
{
	return (uint64_t)(unsigned int)_mm_movemask_epi8(bytes);
}

static uint64_t
stops_of(const char *block, bool behind_dot)
{
	uint64_t words = 0, dots = 0;
	__m128i bytes, comma;
	unsigned int i;

	for (i = 0; i < BLOCK; i += 16) {
		bytes = _mm_loadu_si128((const __m128i *)(block + i));
		comma = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(','));
		words |= tops(_mm_or_si128(between(bytes, '_', '~'),
		    _mm_andnot_si128(comma, between(bytes, '+', '9')))) << i;
		dots |= tops(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('.'))) << i;
	}
	return ~words | (dots & (dots << 1 | behind_dot));
}
#else
/* A byte in each of eight. */
#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* The first byte in the lowest bits, whatever machine it is. */
static uint64_t
load(const char *s)
{
	const unsigned char *u = (const unsigned char *)s;

	return (uint64_t)u[0] | (uint64_t)u[1] << 8 | (uint64_t)u[2] << 16 |
	    (uint64_t)u[3] << 24 | (uint64_t)u[4] << 32 |
	    (uint64_t)u[5] << 40 | (uint64_t)u[6] << 48 |
	    (uint64_t)u[7] << 56;
}

/* The top bit of each byte, all of them below 128, that is least or more. */
static uint64_t
from(uint64_t bytes, unsigned char least)
{
	return bytes + EACH(128u - least);
}

/* The top bits of the bytes that are not c. */
static uint64_t
other(uint64_t bytes, unsigned char c)
{
	return from(bytes ^ EACH(c), 1);
}

/*
 * The same for eight bytes, in their top bits.  *no_dot has those of the eight
 * bytes before that are no dot, and then of these.
 */
static uint64_t
stops_of_eight(uint64_t bytes, uint64_t *no_dot)
{
	uint64_t low = bytes & EACH(0x7f);
	uint64_t here = other(low, '.');
	uint64_t single = here | here << 8 | *no_dot >> 56;
	uint64_t between = from(low, '9' + 1) ^ from(low, '_');
	uint64_t high = from(low, 0x7f) | bytes;

	*no_dot = here;
	return ~(from(low, '+') & other(low, ',') & single &
	    ~(between | high)) & EACH(0x80);
}

/* The top bits of eight bytes, as the lowest bits. */
static uint64_t
gather(uint64_t tops)
{
	return (tops >> 7) * UINT64_C(0x0102040810204080) >> 56;
}

static uint64_t
stops_of(const char *block, bool behind_dot)
{
	uint64_t stops = 0, no_dot = behind_dot ? 0 : EACH(0x80);
	size_t i;

	for (i = 0; i < BLOCK; i += 8)
		stops |= gather(stops_of_eight(load(block + i), &no_dot)) << i;
	return stops;
}
#endif

/* Which bit is the lowest one: a de Bruijn sequence has six bits of it. */
#if defined(__GNUC__) && !defined(PORTABLE)
static unsigned int
lowest(uint64_t bits)
{
	return (unsigned int)__builtin_ctzll(bits);
}
#else
static unsigned int
lowest(uint64_t bits)
{
	static const unsigned char place[64] = {
		0, 1, 2, 53, 3, 7, 54, 27, 4, 38, 41, 8, 34, 55, 48, 28,
		62, 5, 39, 46, 44, 42, 22, 9, 24, 35, 59, 56, 49, 18, 29, 11,
		63, 52, 6, 26, 37, 40, 33, 47, 61, 45, 43, 21, 23, 58, 17, 10,
		51, 25, 36, 32, 60, 20, 57, 16, 50, 31, 19, 15, 30, 14, 13, 12,
	};

	return place[(bits & -bits) * UINT64_C(0x022fdd63cc95386d) >> 58];
}
#endif

/* The next byte that ends a word, or NULL if it is too near to the end. */
static inline const char *
next_stop(struct plain_list *p)
{
	const char *stop;

	while (p->stops == 0) {
		if ((size_t)(p->end - p->block) < (size_t)2 * BLOCK)
			return NULL;
		p->block += BLOCK;
		p->stops = stops_of(p->block, p->block[-1] == '.');
	}
	stop = p->block + lowest(p->stops);
	p->stops &= p->stops - 1;
	return stop;
}

void
plain_list_begin(struct plain_list *p, struct span lines, char line_end)
{
	*p = (struct plain_list){ .line = lines.s, .end = lines.s + lines.len,
		.block = lines.s, .line_end = line_end };
	if (lines.len >= BLOCK)
		p->stops = stops_of(lines.s, false);
}

/* The next byte that ends a word, if it is that one at that place. */
static inline bool
stop_is(struct plain_list *p, const char *at, char c)
{
	return next_stop(p) == at && *at == c;
}

/* Takes the line end that ends a word. */
static inline bool
take_line_end(struct plain_list *p, const char *stop)
{
	if (*stop == '\r' && p->line_end == '\n' &&
	    stop_is(p, stop + 1, '\n'))
		stop++;
	if (*stop != p->line_end)
		return false;
	p->line = stop + 1;
	return true;
}

/* Whether an addr-spec goes from s over its '@' to its end. */
static inline bool
set_addr_spec(struct address *a, const char *s, const char *at,
    const char *end)
{
	if (*at != '@' || at == s || *s == '.' || at[-1] == '.' ||
	    at[1] == '.' || end[-1] == '.' || end == at + 1)
		return false;
	a->local = span_between(s, at);
	a->domain = span_between(at + 1, end);
	return true;
}

/* Where what was opened is closed, if nothing is in it that needs a look. */
static const char *
find_close(struct plain_list *p, char close)
{
	const char *stop;

	while ((stop = next_stop(p)) != NULL && *stop != close)
		if (*stop < ' ' || *stop > '~' || *stop == '"' ||
		    *stop == '(' || *stop == ')' || *stop == '\\')
			return NULL;
	return stop;
}

/*
 * The '<' behind a display name that is a quoted string, or atoms without a
 * dot, and a blank, of which the first word ends there; or behind nothing.
 */
static const char *
find_angle(struct plain_list *p, const char *stop)
{
	if (*stop == '"' && stop == p->line) {
		stop = find_close(p, '"');
		return stop != NULL && stop_is(p, stop + 1, ' ') &&
		    stop_is(p, stop + 2, '<') ? stop + 2 : NULL;
	}
	if (*p->line == ' ')
		return NULL;
	while (stop != NULL && *stop != '<') {
		if ((*stop < 'A' || *stop > 'Z') && *stop != ' ')
			return NULL;
		stop = next_stop(p);
	}
	if (stop == NULL || stop == p->line)
		return stop;
	return stop[-1] == ' ' && memchr(p->line, '.',
	    (size_t)(stop - p->line)) == NULL ? stop : NULL;
}

/* Takes a line of which the first word does not end in '@'. */
static bool
take_mailbox(struct plain_list *p, const char *stop, struct address *a)
{
	const char *angle = find_angle(p, stop), *at, *close, *end;

	if (angle == NULL || (at = next_stop(p)) == NULL ||
	    (close = next_stop(p)) == NULL || *close != '>' ||
	    !set_addr_spec(a, angle + 1, at, close))
		return false;
	end = close + 1;
	stop = next_stop(p);
	if (stop == end && *stop == ' ') {
		if (!stop_is(p, end + 1, '(') ||
		    (close = find_close(p, ')')) == NULL)
			return false;
		end = close + 1;
		stop = next_stop(p);
	}
	a->mailbox = span_between(p->line, end);
	return stop == end && take_line_end(p, stop);
}

/* Takes one line that is a plain address. */
static inline bool
take_line(struct plain_list *p, struct address *a)
{
	const char *start = p->line, *at = next_stop(p), *end;

	if (at != NULL && *at != '@')
		return take_mailbox(p, at, a);
	if (at == NULL || (end = next_stop(p)) == NULL ||
	    !set_addr_spec(a, start, at, end))
		return false;
	a->mailbox = span_between(start, end);
	return take_line_end(p, end);
}

size_t
plain_list_next(struct plain_list *list, struct address *a, size_t most)
{
	struct plain_list p = *list;
	size_t n = 0;

	while (n < most && take_line(&p, &a[n]))
		n++;
	*list = p;
	return n;
}
