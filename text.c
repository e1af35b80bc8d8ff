#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

/* What is_atext() looks up: rows of 16 bytes from NUL on, a blank is none. */
const char text_atext[] =
    "                "
    "                "
    " ! #$%&'  *+ - /"
    "0123456789   = ?"
    " ABCDEFGHIJKLMNO"
    "PQRSTUVWXYZ   ^_"
    "`abcdefghijklmno"
    "pqrstuvwxyz{|}~ ";

struct span
span_of(const char *s)
{
	return (struct span){ s, strlen(s) };
}

struct span
span_between(const char *s, const char *end)
{
	return (struct span){ s, (size_t)(end - s) };
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

int
text_reserve(struct text *t, size_t more)
{
	size_t size = t->size < 64 ? 64 : t->size;
	char *s;

	if (more <= t->size - t->len)
		return 0;
	if (more > SIZE_MAX / 2 - t->len)
		return -1;
	while (size - t->len < more)
		size *= 2;
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

/* How many bytes from 128 on stand at s in a row that is valid UTF-8. */
static size_t
utf8_run(const unsigned char *s, size_t len)
{
	size_t n, i;

	n = s[0] >= 0xc2 && s[0] <= 0xdf ? 2 : (s[0] & 0xf0) == 0xe0 ? 3 :
	    s[0] >= 0xf0 && s[0] <= 0xf4 ? 4 : 0;
	if (n == 0 || n > len)
		return 0;
	for (i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if (n == 2 && s[0] == 0xc2 && s[1] < 0xa0)
		return 0;	/* C1 control characters */
	return n;
}

int
text_add_visible(struct text *t, struct span a, size_t most)
{
	const unsigned char *s = (const unsigned char *)a.s;
	size_t i, n, len = a.len < most ? a.len : most;

	for (i = 0; i < len; i += n) {
		n = s[i] >= 0x20 && s[i] < 0x7f ? 1 :
		    utf8_run(s + i, a.len - i);
		if (n > 0 && text_add(t, a.s + i, n) == -1)
			return -1;
		if (n == 0 && text_printf(t, "\\x%02x", s[i]) == -1)
			return -1;
		if (n == 0)
			n = 1;
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
