/* Texts and arrays at their bounds, and what is UTF-8. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

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

/* A wide character that is none cannot be converted. */
static void
what_cannot_be_printed_adds_nothing(void **state)
{
	struct text t = { 0 };

	(void)state;
	assert_int_equal(text_printf(&t, "a"), 0);
	assert_int_equal(text_printf(&t, "b%lc", (wint_t)0x110000), -1);
	assert_true(span_equal(text_span(&t), span_of("a")));
	text_free(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_memory_is_as_large_as_all_numbers),
		cmocka_unit_test(what_is_no_utf8_is_no_point),
		cmocka_unit_test(what_cannot_be_printed_adds_nothing),
	};

	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
