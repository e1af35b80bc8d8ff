/*
 * The program at its command line.  A case is a folder of plain files; which
 * ones, tests/README says.  Each runs three times: its input read at once, one
 * byte at a time, and cut anywhere; with the argument "whole", at once only.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cases.h"
#include "program.h"

static bool only_whole;

static void
assert_text(const char *what, const struct text *got, const struct text *want)
{
	if (span_equal(text_span(got), text_span(want)))
		return;
	print_error("--- %s wanted\n%.*s\n--- got\n%.*s\n---\n", what,
	    (int)want->len, want->s == NULL ? "" : want->s, (int)got->len,
	    got->s == NULL ? "" : got->s);
	fail_msg("the %s is another one", what);
}

static void
run_case(const struct case_files *c, enum feed feed)
{
	struct result r = program_run(c->arguments, text_span(&c->input), feed);

	assert_text("errors", &r.errors, &c->errors);
	assert_text("output", &r.output, &c->output);
	assert_int_equal(r.status, c->status);
	program_free(&r);
}

static void
a_case(void **name)
{
	struct case_files c;

	cases_read(*name, &c);
	run_case(&c, WHOLE);
	if (!only_whole) {
		run_case(&c, BY_BYTE);
		run_case(&c, IN_PIECES);
	}
	cases_free(&c);
}

int
main(int argc, char **argv)
{
	struct CMUnitTest *tests;
	char **names;
	size_t n, i;
	int failed;

	only_whole = argc > 1 && strcmp(argv[1], "whole") == 0;
	program_find(argv[0]);
	n = cases_find(argv[0], &names);
	if (n == 0 || (tests = calloc(n, sizeof(*tests))) == NULL) {
		fprintf(stderr, "there are no cases\n");
		return 1;
	}
	for (i = 0; i < n; i++)
		tests[i] = (struct CMUnitTest){ names[i], a_case, NULL, NULL,
			names[i] };
	failed = _cmocka_run_group_tests("cases", tests, n, NULL, NULL);
	while (n > 0)
		free(names[--n]);
	free(names);
	free(tests);
	return failed;
}
