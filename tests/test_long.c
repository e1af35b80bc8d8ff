/*
 * Input that is longer than what the program keeps of it: it passes all the
 * same, and what is read as addresses no more is told of.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "program.h"

enum { LONGER = 17 * 1024 * 1024, PAST_A_BLOCK = 200 * 1024 };

/* Some text, so many times a byte, and some text. */
static struct text
make(const char *before, char c, size_t n, const char *after)
{
	struct text t = { 0 };

	assert_int_equal(text_add_span(&t, span_of(before)), 0);
	assert_int_equal(text_reserve(&t, n), 0);
	memset(t.s + t.len, c, n);
	t.len += n;
	assert_int_equal(text_add_span(&t, span_of(after)), 0);
	return t;
}

/*
 * The input is the first of the texts, the output has to be the second.  A
 * report is in what is said, or nothing is said where that is NULL.
 */
static void
assert_output(const char *const *arguments, struct text in, struct text out,
    const char *report)
{
	struct result r = program_run(arguments, text_span(&in), WHOLE);

	assert_int_equal(r.status, report == NULL ? 0 : 65);
	assert_true(span_equal(text_span(&r.output), text_span(&out)));
	assert_true(report == NULL ? r.errors.len == 0 :
	    span_contains_fold(text_span(&r.errors), span_of(report)));
	program_free(&r);
	text_free(&in);
	text_free(&out);
}

static void
a_long_line_of_a_list_passes_and_is_told_of(void **state)
{
	const char *arguments[] = { "-l", "x=y", NULL };

	(void)state;
	assert_output(arguments, make("a@x\n", 'a', LONGER, "@x\nb@x\n"),
	    make("a@y\n", 'a', LONGER, "@x\nb@y\n"), "input:2: a line longer");
	assert_output(arguments, make("a@x\n\"", 'a', LONGER, "\n"),
	    make("a@y\n\"", 'a', LONGER, "\n"), "input:2: a line longer");
	assert_output(arguments, make("", 'a', LONGER, "@x"),
	    make("", 'a', LONGER, "@x"), "input:1: a line longer");
}

/* More of them are at hand then than are looked at at once. */
static void
short_lines_of_a_list_follow_a_long_one(void **state)
{
	const char *arguments[] = { "-l", "x=y", NULL };
	struct text in = make("", 'a', LONGER, "@x\n");
	struct text out = make("", 'a', LONGER, "@x\n");
	size_t i;

	(void)state;
	for (i = 0; i < 2 * LONGER; i += 4) {
		assert_int_equal(text_add(&in, "b@x\n", 4), 0);
		assert_int_equal(text_add(&out, "b@y\n", 4), 0);
	}
	assert_output(arguments, in, out, "input:1: a line longer");
}

static void
a_long_plain_address_of_a_list_is_one(void **state)
{
	const char *arguments[] = { "-l", "x=y", NULL };

	(void)state;
	assert_output(arguments, make("", 'a', LONGER - 1024 * 1024 - 20,
	    "@x\n"), make("", 'a', LONGER - 1024 * 1024 - 20, "@y\n"), NULL);
}

static void
a_long_field_passes_and_is_told_of(void **state)
{
	const char *arguments[] = { "x=y", NULL };

	(void)state;
	assert_output(arguments, make("Cc: a@x\nTo: ", 'a', LONGER,
	    "@x\nCc: b@x\n\nc@x\n"), make("Cc: a@y\nTo: ", 'a', LONGER,
	    "@x\nCc: b@y\n\nc@x\n"), "input:2: a field longer");
}

/* It is more at once than is put aside in memory. */
static void
a_long_field_is_put_aside(void **state)
{
	const char *arguments[] = { "-a", "-r", "b@x", "x=y", NULL };

	(void)state;
	assert_output(arguments,
	    make("Subject: ", 'a', LONGER, "\nCc: b@x\n\n"),
	    make("X-Original-To: b@x\nSubject: ", 'a', LONGER,
	    "\nCc: b@y\n\n"), NULL);
	assert_output(arguments, make("To: \"", 'a', LONGER / 2,
	    "\" <a@x>\n\n"), make("X-Original-To: b@x\nTo: \"", 'a',
	    LONGER / 2, "\" <a@y>\n\n"), NULL);
}

/* Both are put aside, by turns, in one file. */
static void
many_recipients_and_a_long_header_are_put_aside(void **state)
{
	const char *arguments[] = { "-o", "smtp", "x=y", NULL };
	struct text in = { 0 }, out = { 0 };
	size_t i;

	(void)state;
	assert_int_equal(text_printf(&out, "HELO localhost\r\n"
	    "MAIL FROM:<>\r\n"), 0);
	for (i = 0; i < 40000; i++) {
		assert_int_equal(text_printf(&in, "To: %0100zu@x\n", i), 0);
		assert_int_equal(text_printf(&out, "RCPT TO:<%0100zu@y>\r\n",
		    i), 0);
	}
	assert_int_equal(text_printf(&out, "DATA\r\n"), 0);
	for (i = 0; i < 40000; i++)
		assert_int_equal(text_printf(&out, "To: %0100zu@y\r\n", i),
		    0);
	assert_int_equal(text_printf(&out, ".\r\nQUIT\r\n"), 0);
	assert_output(arguments, in, out, NULL);
}

/* Memory has grown by a long line, and is full of short ones. */
static void
short_lines_behind_a_long_one_are_read(void **state)
{
	const char *arguments[] = { "-l", "x=y", NULL };
	struct text in = make("", 'a', LONGER - 1024 * 1024 - 20, "@x\n");
	struct text out = make("", 'a', LONGER - 1024 * 1024 - 20, "@y\n");
	size_t i;

	(void)state;
	for (i = 0; i < 1024 * 1024; i++) {
		assert_int_equal(text_printf(&in, "jane.%012zu@x\n", i), 0);
		assert_int_equal(text_printf(&out, "jane.%012zu@y\n", i), 0);
	}
	assert_output(arguments, in, out, NULL);
}

static void
a_long_return_path_passes(void **state)
{
	const char *arguments[] = { "x=y", NULL };

	(void)state;
	assert_output(arguments, make("Return-Path: ", 'a', LONGER,
	    "\nCc: b@x\n\n"), make("Return-Path: ", 'a', LONGER,
	    "\nCc: b@y\n\n"), NULL);
}

static void
a_long_word_of_a_text_passes_and_is_told_of(void **state)
{
	const char *arguments[] = { "-i", "text", "x=y", NULL };

	(void)state;
	assert_output(arguments, make("", 'a', LONGER, "@x b@x\n"),
	    make("", 'a', LONGER, "@y b@y\n"), "16 MiB without a blank");
}

static void
a_long_request_is_told_of_and_the_next_is_answered(void **state)
{
	const char *arguments[] = { "-i", "tcp_table", "-o", "rcpt", "x=y",
		NULL };
	const char *too_long = "400 the%20request%20is%20too%20long\n";

	(void)state;
	assert_output(arguments, make("get ", 'a', LONGER, "@x\nget b@x\n"),
	    make(too_long, ' ', 0, "200 b@y\n"), NULL);
	assert_output(arguments, make("get ", 'a', LONGER, ""),
	    make(too_long, ' ', 0, ""), NULL);
}

static void
a_long_text_may_have_no_line_ends(void **state)
{
	const char *arguments[] = { "-i", "text", "x=y", NULL };

	(void)state;
	assert_output(arguments, make("", ' ', LONGER, "a@x b@x"),
	    make("", ' ', LONGER, "a@y b@y"), NULL);
	assert_output(arguments, make("a\n\n ", 'b', PAST_A_BLOCK,
	    "\n c a@x\n\n b@x"), make("a\n\n ", 'b', PAST_A_BLOCK,
	    "\n c a@y\n\n b@y"), NULL);
}

static void
a_long_text_is_read_by_lines(void **state)
{
	const char *arguments[] = { "-i", "text", "x=y", NULL };

	(void)state;
	assert_output(arguments, make("a@x\n", '\n', PAST_A_BLOCK, "b@x\n"),
	    make("a@y\n", '\n', PAST_A_BLOCK, "b@y\n"), NULL);
}

/* Of a body, lines of all lengths, and lines that never end. */
static void
a_long_body_of_a_mailbox_passes(void **state)
{
	const char *arguments[] = { "-i", "mbox", "x=y", NULL };
	const char before[] = "From a@x\nTo: a@x\n\n";
	const char before_out[] = "From a@x\nTo: a@y\n\n";
	const char after[] = "\n\nFrom b@x\nTo: b@x\n\nb@x\n";
	const char after_out[] = "\n\nFrom b@x\nTo: b@y\n\nb@x\n";

	(void)state;
	assert_output(arguments, make(before, 'a', PAST_A_BLOCK, after),
	    make(before_out, 'a', PAST_A_BLOCK, after_out), NULL);
	assert_output(arguments, make(before, '\n', PAST_A_BLOCK, after),
	    make(before_out, '\n', PAST_A_BLOCK, after_out), NULL);
	assert_output(arguments, make(before, 'a', PAST_A_BLOCK, ""),
	    make(before_out, 'a', PAST_A_BLOCK, ""), NULL);
}

/* So many lines that they are more than what is passed on at a time. */
static void
many_lines_of_a_body_of_a_mailbox_pass(void **state)
{
	const char *arguments[] = { "-i", "mbox", "x=y", NULL };
	struct text in = { 0 }, out = { 0 };
	size_t i;

	(void)state;
	assert_int_equal(text_printf(&in, "To: a@x\n\n"), 0);
	assert_int_equal(text_printf(&out, "To: a@y\n\n"), 0);
	for (i = 0; i < 40000; i++) {
		assert_int_equal(text_printf(&in, "%zu a@x\n", i), 0);
		assert_int_equal(text_printf(&out, "%zu a@x\n", i), 0);
	}
	assert_output(arguments, in, out, NULL);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_long_line_of_a_list_passes_and_is_told_of),
		cmocka_unit_test(short_lines_of_a_list_follow_a_long_one),
		cmocka_unit_test(a_long_plain_address_of_a_list_is_one),
		cmocka_unit_test(a_long_field_passes_and_is_told_of),
		cmocka_unit_test(a_long_field_is_put_aside),
		cmocka_unit_test(
		    many_recipients_and_a_long_header_are_put_aside),
		cmocka_unit_test(short_lines_behind_a_long_one_are_read),
		cmocka_unit_test(a_long_return_path_passes),
		cmocka_unit_test(a_long_word_of_a_text_passes_and_is_told_of),
		cmocka_unit_test(
		    a_long_request_is_told_of_and_the_next_is_answered),
		cmocka_unit_test(a_long_text_may_have_no_line_ends),
		cmocka_unit_test(a_long_text_is_read_by_lines),
		cmocka_unit_test(a_long_body_of_a_mailbox_passes),
		cmocka_unit_test(many_lines_of_a_body_of_a_mailbox_pass),
	};

	(void)argc;
	program_find(argv[0]);
	return cmocka_run_group_tests_name("long", tests, NULL, NULL);
}
