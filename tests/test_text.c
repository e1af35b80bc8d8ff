/* Texts and arrays at their bounds, formats, and what is UTF-8. */
#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "text.h"

static void
no_memory_is_as_large_as_all_numbers(void **state)
{
	struct text t = { 0 };
	size_t size = SIZE_MAX / 4;

	(void)state;
	assert_int_equal(text_add_byte(&t, 'a'), 0);
	errno = 0;
	assert_int_equal(text_reserve(&t, SIZE_MAX), -1);
	assert_int_equal(errno, ENOMEM);
	errno = 0;
	assert_null(array_grow(NULL, &size, size, 8));
	assert_int_equal(errno, ENOMEM);
	assert_int_equal(size, SIZE_MAX / 4);
	text_free(&t);
}

/* The code point that the bytes begin with, or -1. */
static long
point_of(const char *bytes, size_t len)
{
	struct span a = { bytes, len };
	long point = -1;
	size_t n = utf8_point(a, &point);

	assert_true(n <= len);
	assert_true((n == 0) == (point == -1));
	return point;
}

static void
what_is_no_utf8_is_no_point(void **state)
{
	(void)state;
	assert_int_equal(point_of("", 0), -1);
	assert_int_equal(point_of("a", 1), 'a');
	assert_int_equal(point_of("\303\266", 2), 0xf6);
	assert_int_equal(point_of("\303", 1), -1);
	assert_int_equal(point_of("\300\200", 2), -1);
	assert_int_equal(point_of("\340\237\277", 3), -1);
	assert_int_equal(point_of("\340\240\200", 3), 0x800);
	assert_int_equal(point_of("\355\237\277", 3), 0xd7ff);
	assert_int_equal(point_of("\355\240\200", 3), -1);
	assert_int_equal(point_of("\355\277\277", 3), -1);
	assert_int_equal(point_of("\356\200\200", 3), 0xe000);
	assert_int_equal(point_of("\364\217\277\277", 4), 0x10ffff);
	assert_int_equal(point_of("\364\220\200\200", 4), -1);
	assert_int_equal(point_of("\365\200\200\200", 4), -1);
}

/* What text_vprintf() makes of it is what the C library makes of it. */
static void PRINTF_LIKE(1, 2)
assert_prints(const char *format, ...)
{
	char want[256];
	struct text t = { 0 };
	va_list args, again;
	int len;

	va_start(args, format);
	va_copy(again, args);
	len = vsnprintf(want, sizeof(want), format, again);
	va_end(again);
	assert_in_range(len, 0, sizeof(want) - 1);
	assert_int_equal(text_vprintf(&t, format, args), 0);
	va_end(args);
	assert_int_equal(t.len, len);
	assert_memory_equal(text_span(&t).s, want, t.len);
	text_free(&t);
}

static void
each_conversion_prints_as_that_of_the_library(void **state)
{
	(void)state;
	assert_prints("no conversion");
	assert_prints("%s", "");
	assert_prints("%s and %s", "one", "another");
	assert_prints("[%c%c%c]", 'a', '\0', 255);
	assert_prints("100 %%, %d%%", 1);
	assert_prints("%d %d %d %d", 0, 7, INT_MAX, INT_MIN);
	assert_prints("%u %u", 0U, UINT_MAX);
	assert_prints("%zu %zu", (size_t)0, SIZE_MAX);
	assert_prints("%llu", ULLONG_MAX);
	assert_prints("%x %02x %02x %02x %02x", 0x7fU, 0U, 9U, 0xabU, 0xfedU);
	assert_prints("%04x %03zu %03zu", 0x1fU, (size_t)7, (size_t)12345);
	assert_prints("%012llu %0100zu", ULLONG_MAX, (size_t)1);
}

static void
a_precision_is_the_most_that_is_printed(void **state)
{
	static const char unended[] = { 'a', 'b', 'c' };

	(void)state;
	assert_prints("<%.*s>", 3, unended);
	assert_prints("<%.*s>", 2, unended);
	assert_prints("<%.*s>", 0, unended);
	assert_prints("<%.*s>", 9, "short");
	assert_prints("<%.*s>", 9, "a\0NUL");
	assert_prints("<%.*s>", -1, "all of it");
	assert_prints("%.*s%d%.*s", 1, "abc", 2, 3, "def");
}

/* A span that is empty may point to nothing. */
static void
nothing_prints_as_nothing(void **state)
{
	const char *volatile nothing = NULL;
	struct text t = { 0 };

	(void)state;
	assert_int_equal(text_printf(&t, "<%.*s>", 0, nothing), 0);
	assert_true(span_equal(text_span(&t), span_of("<>")));
	text_free(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_memory_is_as_large_as_all_numbers),
		cmocka_unit_test(what_is_no_utf8_is_no_point),
		cmocka_unit_test(
		    each_conversion_prints_as_that_of_the_library),
		cmocka_unit_test(a_precision_is_the_most_that_is_printed),
		cmocka_unit_test(nothing_prints_as_nothing),
	};

	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
