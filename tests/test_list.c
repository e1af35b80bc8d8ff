/*
 * The program over a long list.  Read at once, nearly all lines go the
 * shortest way; one byte at a time, none does.  The results have to be alike.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "program.h"

enum { LINES = 1000, RULES = 150000 };

static const char *const lines[] = { "jane.doe@cpandl.net",
	"john@wingtiptoys.com", "mary@sub.adatum.com", "kim@ADATUM.com",
	"\"Doe, Jane\" <jane@cpandl.net> (work)", "# jane@cpandl.net", "",
	"a..b@cpandl.net", "a..b@none.example", "a@b..example", "a@.example",
	"a@b.example.", "root", "a b", "jane@cpandl.net, john@none.example",
	"J <j@none.example>; (x)", "x+y@none.example", "sales-7@none.example",
	"one@none.example", "b@b.example", "a@loop.example", "a@gone.example",
	"j\303\266rg@b\303\274cher.example", "a@xn--bcher-kva.example",
	"F: a@b, c@cpandl.net;", "\"q q\"@none.example", "a@[192.0.2.1]" };

static const char *const rules[] = { "-v", "cpandl.net=adatum.com",
	"adatum.com=inbound", "*.adatum.com=adatum.com",
	"loop.example=pool.example", "pool.example=loop.example",
	"gone.example=discard", "none.example=adatum.com,sub.adatum.com",
	"b.example=forward:mail.example", NULL };
static const char *const all_rules[] = { "-v", "-x", "+", "-u", "here.example",
	"cpandl.net=adatum.com", "x@none.example=y@adatum.com",
	"loop.example=pool.example", "pool.example=loop.example",
	"gone.example=discard", "one@*=two@adatum.com,three@adatum.com",
	"sales-*@.example=$1@sales.example", "xn--bcher-kva.example=b.example",
	NULL };
static const char *const once[] = { "-v", "-1", "cpandl.net=adatum.com",
	"adatum.com=cpandl.net", NULL };
static const char *const *const tables[] = { rules, all_rules, once };

static const char *const outputs[] = { "same", "route", "json", "rcpt" };

/* Most lines are of the first two, so that many of them follow each other. */
static struct text
make_list(const char *line_end)
{
	struct text t = { 0 };
	uint32_t x = 1;
	size_t i, which;

	for (i = 0; i < LINES; i++) {
		x = x * 1664525u + 1013904223u;
		which = (x >> 8) % (x >> 30 == 0 ?
		    sizeof(lines) / sizeof(*lines) : 2);
		assert_int_equal(text_printf(&t, "%s", lines[which]), 0);
		assert_int_equal(text_add(&t, line_end, *line_end == '\0' ?
		    1 : strlen(line_end)), 0);
	}
	return t;
}

static void
assert_same_result(const struct result *a, const struct result *b)
{
	assert_true(span_equal(text_span(&a->output), text_span(&b->output)));
	assert_true(span_equal(text_span(&a->errors), text_span(&b->errors)));
	assert_int_equal(a->status, b->status);
}

static void
compare_feeds(const char *const *table, const char *output, struct span list,
    bool null)
{
	const char *arguments[32] = { "-l", "-o", output, null ? "-0" : "-l" };
	struct result whole, bytes, pieces;
	size_t i;

	for (i = 0; table[i] != NULL; i++)
		arguments[4 + i] = table[i];
	whole = program_run(arguments, list, WHOLE);
	bytes = program_run(arguments, list, BY_BYTE);
	pieces = program_run(arguments, list, IN_PIECES);
	assert_true(whole.output.len > 0);
	assert_same_result(&whole, &bytes);
	assert_same_result(&whole, &pieces);
	program_free(&whole);
	program_free(&bytes);
	program_free(&pieces);
}

static void
compare_tables(const char *line_end)
{
	struct text list = make_list(line_end);
	size_t i, j;

	for (i = 0; i < sizeof(tables) / sizeof(*tables); i++)
		for (j = 0; j < sizeof(outputs) / sizeof(*outputs); j++)
			compare_feeds(tables[i], outputs[j],
			    text_span(&list), *line_end == '\0');
	text_free(&list);
}

static void
a_list_comes_out_the_same_however_it_is_cut(void **state)
{
	(void)state;
	compare_tables("\n");
	compare_tables("\r\n");
	compare_tables("");
}

/* So many that it is looked at for many lines at once, and by large pages. */
static void
write_large_table(const char *name)
{
	FILE *f = fopen(name, "w");
	size_t i;

	assert_non_null(f);
	for (i = 0; i < RULES; i++)
		assert_true(fprintf(f, "u%zu@here.example u%zu@there.example\n",
		    i, i) > 0);
	assert_int_equal(fclose(f), 0);
}

static void
a_list_is_rewritten_by_a_large_table(void **state)
{
	char name[] = "/tmp/test_list.XXXXXX";
	const char *arguments[] = { "-l", "-f", name, NULL };
	struct text in = { 0 }, out = { 0 };
	struct result r;
	size_t i;
	int fd = mkstemp(name);

	(void)state;
	assert_int_not_equal(fd, -1);
	close(fd);
	write_large_table(name);
	for (i = 0; i < 2 * RULES; i += 101) {
		assert_int_equal(text_printf(&in, "u%zu@here.example\n", i),
		    0);
		assert_int_equal(text_printf(&out, "u%zu@%s.example\n", i,
		    i < RULES ? "there" : "here"), 0);
	}
	r = program_run(arguments, text_span(&in), WHOLE);
	assert_int_equal(unlink(name), 0);
	assert_int_equal(r.status, 0);
	assert_true(span_equal(text_span(&r.output), text_span(&out)));
	program_free(&r);
	text_free(&in);
	text_free(&out);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_comes_out_the_same_however_it_is_cut),
		cmocka_unit_test(a_list_is_rewritten_by_a_large_table),
	};

	(void)argc;
	program_find(argv[0]);
	return cmocka_run_group_tests_name("list", tests, NULL, NULL);
}
