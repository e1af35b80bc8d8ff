#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

/* What the classes of a byte are, for short. */
enum { A = CLASS_ATEXT | CLASS_CANONICAL, D = CLASS_DOT | CLASS_CANONICAL,
	F = CLASS_ATEXT, B = CLASS_FWS, O = 0 };

/* Rows of 16 bytes, from NUL on. */
const unsigned char text_classes[256] = {
	O, O, O, O, O, O, O, O, O, B, B, O, O, B, O, O,
	O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, O,
	B, A, O, A, A, A, A, A, O, O, A, A, O, A, D, A,
	A, A, A, A, A, A, A, A, A, A, O, O, O, A, O, A,
	O, F, F, F, F, F, F, F, F, F, F, F, F, F, F, F,
	F, F, F, F, F, F, F, F, F, F, F, O, O, O, A, A,
	A, A, A, A, A, A, A, A, A, A, A, A, A, A, A, A,
	A, A, A, A, A, A, A, A, A, A, A, A, A, A, A, O,
	F, F, F, F, F, F, F, F, F, F, F, F, F, F, F, F,
	F, F, F, F, F, F, F, F, F, F, F, F, F, F, F, F,
	F, F, F, F, F, F, F, F, F, F, F, F, F, F, F, F,
	F, F, F, F, F, F, F, F, F, F, F, F, F, F, F, F,
	F, F, F, F, F, F, F, F, F, F, F, F, F, F, F, F,
	F, F, F, F, F, F, F, F, F, F, F, F, F, F, F, F,
	F, F, F, F, F, F, F, F, F, F, F, F, F, F, F, F,
	F, F, F, F, F, F, F, F, F, F, F, F, F, F, F, F,
};

struct span
span_of(const char *s)
{
	return (struct span){ s, strlen(s) };
}

bool
span_equal(struct span a, struct span b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.s, b.s, a.len) == 0);
}

bool
span_equal_fold(struct span a, struct span b)
{
	size_t i;

	if (a.len != b.len)
		return false;
	for (i = 0; i < a.len; i++)
		if (a.s[i] != b.s[i] && ascii_lower((unsigned char)a.s[i]) !=
		    ascii_lower((unsigned char)b.s[i]))
			return false;
	return true;
}

bool
span_begins_fold(struct span a, const char *prefix)
{
	struct span p = span_of(prefix);

	if (a.len < p.len)
		return false;
	a.len = p.len;
	return span_equal_fold(a, p);
}

bool
span_contains_fold(struct span text, struct span part)
{
	size_t i;

	for (i = 0; i + part.len <= text.len; i++)
		if (span_equal_fold((struct span){ text.s + i, part.len },
		    part))
			return true;
	return false;
}

struct span
span_trim(struct span a)
{
	while (a.len > 0 && is_blank(a.s[0])) {
		a.s++;
		a.len--;
	}
	while (a.len > 0 && is_blank(a.s[a.len - 1]))
		a.len--;
	return a;
}

size_t
span_lines(struct span a)
{
	const char *lf, *end = a.s + a.len;
	size_t n = 0;

	while (a.s < end &&
	    (lf = memchr(a.s, '\n', (size_t)(end - a.s))) != NULL) {
		a.s = lf + 1;
		n++;
	}
	return n;
}

void *
array_grow(void *array, size_t *size, size_t used, size_t element)
{
	size_t new = used * GROW_TIMES + GROW_ELEMENTS;
	char *grown;

	if (used < *size)
		return array;
	if (new > SIZE_MAX / element) {
		errno = ENOMEM;
		return NULL;
	}
	if ((grown = realloc(array, new * element)) == NULL)
		return NULL;
	memset(grown + *size * element, 0, (new - *size) * element);
	*size = new;
	return grown;
}

int
text_reserve(struct text *t, size_t more)
{
	size_t size = t->size * GROW_TIMES + GROW_BYTES;
	char *s;

	if (more <= t->size - t->len)
		return 0;
	if (more > SIZE_MAX / 2 - t->len) {
		errno = ENOMEM;
		return -1;
	}
	if (size - t->len < more)
		size = t->len + more;
	if ((s = realloc(t->s, size)) == NULL)
		return -1;
	t->s = s;
	t->size = size;
	return 0;
}

int
text_add(struct text *t, const char *s, size_t len)
{
	if (len == 0)
		return 0;
	if (text_reserve(t, len) == -1)
		return -1;
	memcpy(t->s + t->len, s, len);
	t->len += len;
	return 0;
}

int
text_add_span(struct text *t, struct span a)
{
	return text_add(t, a.s, a.len);
}

int
text_add_byte(struct text *t, char c)
{
	return text_add(t, &c, 1);
}

int
text_vprintf(struct text *t, const char *format, va_list args)
{
	va_list again;
	int len;

	va_copy(again, args);
	len = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (len < 0 || text_reserve(t, (size_t)len + 1) == -1)
		return -1;
	vsnprintf(t->s + t->len, (size_t)len + 1, format, args);
	t->len += (size_t)len;
	return 0;
}

int
text_printf(struct text *t, const char *format, ...)
{
	va_list args;
	int result;

	va_start(args, format);
	result = text_vprintf(t, format, args);
	va_end(args);
	return result;
}

size_t
utf8_point(struct span a, long *point)
{
	static const long least[] = { 0, 0x80, 0x800, 0x10000 };
	const unsigned char *s = (const unsigned char *)a.s;
	size_t i, more;
	long c;

	if (a.len == 0)
		return 0;
	more = *s < 0x80 ? 0 : *s < 0xe0 ? 1 : *s < 0xf0 ? 2 : 3;
	if ((*s >= 0x80 && *s < 0xc2) || *s > 0xf4 || a.len <= more)
		return 0;
	c = more == 0 ? *s : *s & (0x3f >> more);
	for (i = 1; i <= more; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	if (c < least[more] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*point = c;
	return more + 1;
}

int
text_add_visible(struct text *t, struct span a, size_t most)
{
	size_t i, n, len = a.len < most ? a.len : most;
	long point = 0;

	for (i = 0; i < len; i += n) {
		n = utf8_point((struct span){ a.s + i, a.len - i }, &point);
		if (n > 0 && point >= 0x20 && (point < 0x7f || point >= 0xa0) &&
		    (point & 0xfffe) != 0xfffe) {
			if (text_add(t, a.s + i, n) == -1)
				return -1;
			continue;
		}
		n = 1;
		if (text_printf(t, "\\x%02x", (unsigned char)a.s[i]) == -1)
			return -1;
	}
	return a.len > most ? text_add(t, "...", 3) : 0;
}

struct span
text_span(const struct text *t)
{
	return (struct span){ t->s == NULL ? "" : t->s, t->len };
}

void
text_free(struct text *t)
{
	free(t->s);
	*t = (struct text){ 0 };
}
