/*
 * Strings as pointer and length.  A NUL is a byte like any other, and the
 * locale never matters: mail folds the case of ASCII and of nothing else.
 *
 * A span is borrowed: it points into memory that somebody else keeps.  A
 * text is owned: it grows, and keeps its memory to be used again.
 */
#ifndef TEXT_H
#define TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/* That a function takes a format, as compilers that know of it check. */
#ifdef __GNUC__
#define PRINTF_LIKE(format_at, first_at) \
	__attribute__((format(printf, format_at, first_at)))
#else
#define PRINTF_LIKE(format_at, first_at)
#endif

struct span {
	const char *s;
	size_t len;		/* bytes */
};

struct text {
	char *s;
	size_t len;		/* bytes in use */
	size_t size;		/* bytes allocated */
};

/* The span of a string that ends in NUL. */
struct span span_of(const char *);

/* The bytes from s up to, but not including, end. */
static inline struct span
span_between(const char *s, const char *end)
{
	return (struct span){ s, (size_t)(end - s) };
}

/* Whether both hold the same bytes. */
bool span_equal(struct span, struct span);

/* Whether both hold the same bytes but for the case of ASCII letters. */
bool span_equal_fold(struct span, struct span);

/* Whether the span begins with that string, the case of letters ignored. */
bool span_begins_fold(struct span, const char *);

/* Whether the part stands somewhere in the text, but for the case. */
bool span_contains_fold(struct span text, struct span part);

/* The span without the blanks and tabs at its two ends. */
struct span span_trim(struct span);

/* How many LFs are in it. */
size_t span_lines(struct span);

/*
 * The length of the character of UTF-8 (RFC 3629) that begins a span, and its
 * code point; 0 if there is none.
 */
size_t utf8_point(struct span, long *point);

/*
 * Memory that is added to grows to so many times what it was, and by so much
 * more.  With GROW_LITTLE it does so at each addition, each of which then
 * fails when the tests let memory run out.
 */
#ifdef GROW_LITTLE
enum { GROW_TIMES = 1, GROW_BYTES = 1, GROW_ELEMENTS = 1 };
#else
enum { GROW_TIMES = 2, GROW_BYTES = 64, GROW_ELEMENTS = 8 };
#endif

/*
 * An array with room for one element more than the number in use: itself, or
 * a larger one, what is new being all zeros, with *size set.  NULL if there is
 * no memory; the array is then as it was.
 */
void *array_grow(void *, size_t *size, size_t used, size_t element);

/* c in lower case if it is an ASCII letter, else c. */
static inline unsigned char
ascii_lower(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? (unsigned char)(c | 0x20) : c;
}

/* Whether c is one of 0 to 9. */
static inline bool
ascii_digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}

/* What a byte is in an address; text_classes has these bits for each. */
enum {
	CLASS_ATEXT = 1,	/* is_atext() */
	CLASS_DOT = 2,
	CLASS_CANONICAL = 4,	/* of these two, what a domain has as it is */
	CLASS_FWS = 8		/* blank, CR or LF */
};

extern const unsigned char text_classes[256];

static inline bool
text_is(char c, int classes)
{
	return (text_classes[(unsigned char)c] & classes) != 0;
}

/*
 * Whether c can stand in an atom (RFC 5322, 3.2.3).  Of the bytes from 128 on
 * each can, be it valid UTF-8 (RFC 6532, 3.2) or not.
 */
static inline bool
is_atext(char c)
{
	return text_is(c, CLASS_ATEXT);
}

/* A blank as tables and header fields have it between words. */
static inline bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/*
 * These append to a text, which begins as all zeros.  They return 0, or -1
 * with the text unchanged if there is no memory.
 */
int text_add(struct text *, const char *, size_t);
int text_add_span(struct text *, struct span);
int text_add_byte(struct text *, char);

/*
 * The same by a format of printf(3), which has these conversions and no others
 * (tests/formats sees to that): %s, %.*s, %c, %d, %u, %x and %%; u and x also
 * with z or ll, and with a width that zeros fill, as in %03zu.
 */
int text_printf(struct text *, const char *, ...)
    PRINTF_LIKE(2, 3);
int text_vprintf(struct text *, const char *, va_list);

/*
 * Appends a span for a person to read: bytes that are no printable ASCII or
 * UTF-8 as \xNN, and "..." for what goes beyond the given number of bytes.
 */
int text_add_visible(struct text *, struct span, size_t most);

/* Makes room for so many bytes more than are in use; 0, or -1. */
int text_reserve(struct text *, size_t);

/* What the text holds, valid until it next grows. */
struct span text_span(const struct text *);

/* Gives the memory back; the text is empty and can be used again. */
void text_free(struct text *);

#endif
