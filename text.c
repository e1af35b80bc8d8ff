#include <errno.h>
#include <limits.h>
#include <stdint.h>
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

/* A va_list may be an array, which cannot be handed on to be gone on with. */
struct arguments {
	va_list next;
};

/* Up to a NUL, and no more than so many bytes. */
static int
add_string(struct text *t, const char *s, size_t most)
{
	size_t len = 0;

	while (len < most && s[len] != '\0')
		len++;
	return text_add(t, s, len);
}

/* With zeros before it, up to that width; what is negative has none. */
static int
add_number(struct text *t, bool negative, unsigned long long n, unsigned base,
    size_t width)
{
	char digits[1 + sizeof(n) * CHAR_BIT];
	size_t first = sizeof(digits);

	do {
		digits[--first] = "0123456789abcdef"[n % base];
		n /= base;
	} while (n > 0);
	if (negative)
		digits[--first] = '-';
	for (; width > sizeof(digits) - first; width--)
		if (text_add_byte(t, '0') == -1)
			return -1;
	return text_add(t, digits + first, sizeof(digits) - first);
}

static int
add_signed(struct text *t, int n)
{
	return add_number(t, n < 0, n < 0 ? 0 - (unsigned)n : (unsigned)n,
	    10, 0);
}

/* By what stands before its u or x: z, ll or nothing. */
static unsigned long long
next_unsigned(struct arguments *a, char length)
{
	switch (length) {
	case 'z':
		return va_arg(a->next, size_t);
	case 'l':
		return va_arg(a->next, unsigned long long);
	default:
		return va_arg(a->next, unsigned);
	}
}

/* Appends by what stands behind a "%"; what follows it, or NULL. */
static const char *
add_conversion(struct text *t, const char *format, struct arguments *a)
{
	size_t most = SIZE_MAX, width = 0;
	char length;
	int added;

	for (; ascii_digit((unsigned char)*format); format++)
		width = width * 10 + (size_t)(*format - '0');
	if (*format == '.') {
		most = (size_t)va_arg(a->next, int);
		format += 2;
	}
	length = *format;
	format += strspn(format, "lz");
	switch (*format) {
	case 's':
		added = add_string(t, va_arg(a->next, const char *), most);
		break;
	case 'c':
		added = text_add_byte(t, (char)va_arg(a->next, int));
		break;
	case 'd':
		added = add_signed(t, va_arg(a->next, int));
		break;
	case 'u':
		added = add_number(t, false, next_unsigned(a, length), 10,
		    width);
		break;
	case 'x':
		added = add_number(t, false, next_unsigned(a, length), 16,
		    width);
		break;
	default:
		added = text_add_byte(t, '%');
	}
	return added == -1 ? NULL : format + 1;
}

int
text_vprintf(struct text *t, const char *format, va_list args)
{
	struct arguments a;
	size_t before = t->len, len;

	va_copy(a.next, args);
	while (format != NULL && *format != '\0') {
		len = strcspn(format, "%");
		if (len == 0)
			format = add_conversion(t, format + 1, &a);
		else
			format = text_add(t, format, len) == -1 ? NULL :
			    format + len;
	}
	va_end(a.next);
	if (format != NULL)
		return 0;
	t->len = before;
	return -1;
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
