/* A text when memory runs out; compiled here, with a realloc(3) of ours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

/* So often memory can still be had. */
static size_t pieces;

static void *
get_memory(void *old, size_t size)
{
	if (pieces == 0)
		return NULL;
	pieces--;
	return realloc(old, size);
}

#define realloc get_memory
#include "text.c"
#undef realloc

/* Memory runs out at each place of a format in turn. */
static void
what_has_no_room_is_not_printed_in_part(void **state)
{
	static const char word[] = "a word too long for what there is at "
	    "first, and for what there is then: it needs memory itself";
	struct text t = { 0 };
	size_t n;
	int result = -1;

	(void)state;
	for (n = 0; result == -1; n++) {
		text_free(&t);
		pieces = SIZE_MAX;
		assert_int_equal(text_add_byte(&t, 'a'), 0);
		pieces = n;
		result = text_printf(&t, "%0300zu%.*s, %d, %0900x, %s%c",
		    (size_t)1, (int)sizeof(word) - 1, word, -1, 2U, word, 'z');
		pieces = SIZE_MAX;
		if (result == -1)
			assert_true(span_equal(text_span(&t), span_of("a")));
	}
	assert_true(n > 3);
	assert_int_equal(t.len, 1 + 300 + 900 + 2 * (sizeof(word) - 1) + 9);
	text_free(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_has_no_room_is_not_printed_in_part),
	};

	return cmocka_run_group_tests_name("no memory", tests, NULL, NULL);
}
