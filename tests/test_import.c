/*
 * Tables of other systems: whatever comes in, what is written is a table
 * without an error, and holds each line that was told of as a comment.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "import.h"
#include "program.h"
#include "random_table.h"

enum { TABLES = 400, MOST_LINES = 12, MOST_WORDS = 9 };

/* What lines are made of, with what some format or our own has a use for. */
static const char *const words[] = { "a", "b", "a@b.example", "x@y.example",
	"b.example", "@b.example", ".b.example", "*.b.example", "*@b.example",
	"@", "*", "#", "# a", "/a/", "/", "$1", "$", "%1", "%1@b.example",
	"%3", "a+*@b.example", "a++@b.example", "+", ":", "::", "\"", "\"a b\"",
	"\\", "\\a", ",", ";", "\t", " ", "  ", "\n ", "\r", "\r\n", "|cmd",
	"/dev/null", ":include:/x", "smtp:", "esmtp:[h.example]:25", "relay:",
	"local:", "error:", "error:nouser 550 x", "error:5.1.1:550 x", "550 ",
	"5.1.1", "discard:", "[", "]", "[192.0.2.1]", "[2001:db8::1]", "[::",
	"<inbound>", "<", ">", "inbound", "@inbound", "forward", "reject",
	"reject:", "keep", "from:", "to:", "from:b.example", "=", "(c)",
	"\303\274", "\303\274.example", "\303", "\001", "InternalAddress",
	"ExternalAddress",
	"ExceptionList", "OutboundOnly", "True", "False", "#TYPE", "a.b", "..",
	"-.example", "\xef\xbb\xbf", "123", "4.2.1:", "System." };

enum { WORDS = sizeof(words) / sizeof(*words) };

/* What was told of one table. */
struct told {
	size_t lines[MOST_LINES * MOST_WORDS];
	size_t count;
};

static void
keep_line(void *with, size_t line, struct span message)
{
	struct told *told = with;

	assert_true(message.len > 0);
	assert_true(told->count < MOST_LINES * MOST_WORDS);
	told->lines[told->count++] = line;
}

static void
fail_of_error(void *with, const char *file, size_t line, struct span message)
{
	const struct text *table = with;

	(void)file;
	fail_msg("line %zu of what was written: %.*s\n%.*s", line,
	    (int)message.len, message.s, (int)table->len, table->s);
}

static void
add(struct text *t, const char *s)
{
	assert_int_equal(text_add_span(t, span_of(s)), 0);
}

/* A likely line of any format now and then, and else any. */
static void
add_random_line(struct text *t)
{
	static const char columns[] = "InternalAddress,ExternalAddress,"
	    "ExceptionList,OutboundOnly\n";
	static const char *const likely[] = { "a@b.example ", "@b.example ",
		"b.example ", "a: ", columns, "x@y.example,", "a+*@b.example "
	};
	uint32_t n;

	if (random_below(2) == 0)
		add(t, likely[random_below(7)]);
	for (n = random_below(MOST_WORDS); n > 0; n--)
		add(t, words[random_below(WORDS)]);
	add(t, "\n");
}

/* Imports a text; both are appended to. */
static void
import(const char *format, struct span domain, const struct text *from,
    struct text *to, struct told *told)
{
	const struct import_reports reports = { keep_line, told };
	FILE *in = program_temporary(text_span(from));
	FILE *out = program_temporary(span_of(""));
	struct input input;
	struct output output;
	char buffer[4096];
	size_t n;

	assert_int_equal(input_open(&input, fileno(in), NULL), 0);
	assert_int_equal(output_open(&output, fileno(out)), 0);
	assert_int_equal(import_table(import_format(format), &input, &output,
	    domain, &reports), 0);
	assert_int_equal(output_flush(&output), 0);
	assert_int_equal(lseek(fileno(out), 0, SEEK_SET), 0);
	while ((n = fread(buffer, 1, sizeof(buffer), out)) > 0)
		assert_int_equal(text_add(to, buffer, n), 0);
	input_free(&input);
	output_free(&output);
	fclose(in);
	fclose(out);
}

static struct span
nth_line(const struct text *t, size_t number)
{
	const char *s = t->s, *end = t->s + t->len, *lf;

	for (; (lf = memchr(s, '\n', (size_t)(end - s))) != NULL; s = lf + 1)
		if (--number == 0)
			break;
	assert_non_null(lf);
	if (lf > s && lf[-1] == '\r')
		lf--;
	return span_between(s, lf);
}

/* Each line that was told of is one of what was written, behind "# ". */
static void
assert_comments(const struct text *from, const struct text *to,
    const struct told *told)
{
	struct text line = { 0 };
	struct span original;
	size_t i;

	for (i = 0; i < told->count; i++) {
		original = nth_line(from, told->lines[i]);
		if (told->lines[i] == 1 &&
		    span_begins_fold(original, "\xef\xbb\xbf"))
			continue;
		line.len = 0;
		add(&line, "# ");
		assert_int_equal(text_add_span(&line, original), 0);
		add(&line, "\n");
		if (!span_contains_fold(text_span(to), text_span(&line)))
			fail_msg("line %zu is lost:\n%.*s\n%.*s",
			    told->lines[i], (int)from->len, from->s,
			    (int)to->len, to->s);
	}
	text_free(&line);
}

static void
check_random_table(const char *format, struct span domain)
{
	struct text from = { 0 }, to = { 0 };
	const struct table_errors errors = { fail_of_error, &to };
	struct told told = { .count = 0 };
	struct rules *rules;
	uint32_t lines;

	for (lines = 1 + random_below(MOST_LINES); lines > 0; lines--)
		add_random_line(&from);
	import(format, domain, &from, &to, &told);
	rules = read_rules(text_span(&to), &errors);
	assert_comments(&from, &to, &told);
	rules_free(rules);
	text_free(&from);
	text_free(&to);
}

static void
what_is_written_has_no_error_and_all_that_was_told_of(void **state)
{
	const char *format;
	uint32_t seed;
	size_t n;

	(void)state;
	for (n = 0; (format = import_name(n)) != NULL; n++)
		for (seed = 1; seed <= TABLES; seed++) {
			random_begin(seed);
			check_random_table(format, span_of(seed % 2 == 0 ?
			    "" : "home.example"));
		}
	assert_int_equal(n, 10);
}

static void
what_cannot_be_read_is_for_the_input_to_tell(void **state)
{
	const struct import_reports reports = { keep_line, NULL };
	FILE *out = program_temporary(span_of(""));
	struct output output;
	struct input input;
	int folder = open(".", O_RDONLY);

	(void)state;
	assert_true(folder >= 0);
	assert_int_equal(input_open(&input, folder, NULL), 0);
	assert_int_equal(output_open(&output, fileno(out)), 0);
	assert_int_equal(import_table(import_format("virtual"), &input,
	    &output, span_of(""), &reports), 0);
	assert_int_equal(input.error, EISDIR);
	assert_int_equal(output.len, 0);
	input_free(&input);
	output_free(&output);
	close(folder);
	fclose(out);
}

/* Nothing that has to do with rules or mail goes with it. */
static void
no_option_but_u_goes_with_it(void **state)
{
	static const char *const others[] = { "a.example=b.example", "-fx",
		"-l", "-imbox", "-oroute", "-0", "-a", "-v", "-HTo",
		"-ra@b.example", "-sa@b.example", "-x+", "-1" };
	const char *arguments[] = { "-Ivirtual", "-ua.example", NULL, NULL };
	struct result r;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(others) / sizeof(*others); i++) {
		arguments[2] = others[i];
		r = program_run(arguments, span_of("a@b.example x@y.z\n"),
		    WHOLE);
		assert_int_equal(r.status, 64);
		assert_int_equal(r.output.len, 0);
		assert_true(span_contains_fold(text_span(&r.errors),
		    span_of("leave all but -u out")));
		program_free(&r);
	}
}

static void
a_format_has_one_name(void **state)
{
	(void)state;
	assert_null(import_format("Virtual"));
	assert_null(import_format(""));
	assert_non_null(import_format("virtual"));
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    what_is_written_has_no_error_and_all_that_was_told_of),
		cmocka_unit_test(what_cannot_be_read_is_for_the_input_to_tell),
		cmocka_unit_test(no_option_but_u_goes_with_it),
		cmocka_unit_test(a_format_has_one_name),
	};

	(void)argc;
	program_find(argv[0]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
