/*
 * The program at its command line.  A case is a folder of plain files; which
 * ones, tests/README says.  Each runs three times: its input read at once, one
 * byte at a time, and cut anywhere.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "program.h"

enum { MOST_ARGUMENTS = 32 };

static char home[4096];

/* Splits a text at its newlines. */
static void
split_lines(struct text *t, const char **lines)
{
	size_t n = 0;
	char *s, *end;

	assert_int_equal(text_add_byte(t, '\0'), 0);
	for (s = t->s; (end = strchr(s, '\n')) != NULL; s = end + 1) {
		*end = '\0';
		assert_true(n < MOST_ARGUMENTS);
		lines[n++] = s;
	}
	lines[n] = NULL;
}

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
run_case(enum feed feed)
{
	struct text args = { 0 }, input = { 0 }, output = { 0 };
	struct text errors = { 0 }, status = { 0 };
	const char *arguments[MOST_ARGUMENTS + 1];
	struct result r;

	assert_true(program_read_file("args", &args));
	split_lines(&args, arguments);
	program_read_file("input", &input);
	if (!program_read_file("output", &output))
		assert_int_equal(text_add_span(&output, text_span(&input)), 0);
	program_read_file("errors", &errors);
	if (!program_read_file("status", &status))
		assert_int_equal(text_add(&status, "0", 1), 0);
	assert_int_equal(text_add_byte(&status, '\0'), 0);
	r = program_run(arguments, text_span(&input), feed);
	assert_text("errors", &r.errors, &errors);
	assert_text("output", &r.output, &output);
	assert_int_equal(r.status, atoi(status.s));
	program_free(&r);
	text_free(&args);
	text_free(&input);
	text_free(&output);
	text_free(&errors);
	text_free(&status);
}

static void
a_case(void **name)
{
	assert_int_equal(chdir(home), 0);
	assert_int_equal(chdir(*name), 0);
	run_case(WHOLE);
	run_case(BY_BYTE);
	run_case(IN_PIECES);
}

static int
compare(const void *a, const void *b)
{
	return strcmp(((const struct CMUnitTest *)a)->name,
	    ((const struct CMUnitTest *)b)->name);
}

/* All cases, in the order of their names. */
static size_t
find_cases(struct CMUnitTest **tests)
{
	DIR *dir = opendir(".");
	struct dirent *entry;
	size_t n = 0;
	char *name;

	if (dir == NULL)
		return 0;
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		name = strdup(entry->d_name);
		*tests = realloc(*tests, (n + 1) * sizeof(**tests));
		if (name == NULL || *tests == NULL)
			abort();
		(*tests)[n++] = (struct CMUnitTest){ name, a_case, NULL, NULL,
			name };
	}
	closedir(dir);
	qsort(*tests, n, sizeof(**tests), compare);
	return n;
}

int
main(int argc, char **argv)
{
	struct CMUnitTest *tests = NULL;
	const char *slash = strrchr(argv[0], '/');
	size_t n;
	int failed;

	(void)argc;
	program_find(argv[0]);
	snprintf(home, sizeof(home), "%.*s/cases",
	    slash == NULL ? 1 : (int)(slash - argv[0]),
	    slash == NULL ? "." : argv[0]);
	if (chdir(home) == -1 || getcwd(home, sizeof(home)) == NULL ||
	    (n = find_cases(&tests)) == 0) {
		fprintf(stderr, "%s: no cases\n", home);
		return 1;
	}
	failed = _cmocka_run_group_tests("cases", tests, n, NULL, NULL);
	while (n > 0)
		free(tests[--n].initial_state);
	free(tests);
	return failed;
}
