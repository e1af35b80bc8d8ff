#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "cases.h"
#include "program.h"

static char home[4096];

static int
compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static size_t
list(DIR *dir, char ***names)
{
	struct dirent *entry;
	size_t n = 0;

	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		*names = realloc(*names, (n + 1) * sizeof(**names));
		if (*names == NULL || ((*names)[n++] =
		    strdup(entry->d_name)) == NULL)
			abort();
	}
	return n;
}

size_t
cases_find(const char *test, char ***names)
{
	const char *slash = strrchr(test, '/');
	DIR *dir;
	size_t n;

	*names = NULL;
	snprintf(home, sizeof(home), "%.*s/cases",
	    slash == NULL ? 1 : (int)(slash - test),
	    slash == NULL ? "." : test);
	if (chdir(home) == -1 || getcwd(home, sizeof(home)) == NULL ||
	    (dir = opendir(".")) == NULL)
		return 0;
	n = list(dir, names);
	closedir(dir);
	if (n > 0)
		qsort(*names, n, sizeof(**names), compare);
	return n;
}

/* Splits a text at its newlines. */
static void
split_lines(struct text *t, const char **lines)
{
	size_t n = 0;
	char *s, *end;

	assert_int_equal(text_add_byte(t, '\0'), 0);
	for (s = t->s; (end = strchr(s, '\n')) != NULL; s = end + 1) {
		*end = '\0';
		assert_true(n < CASES_MOST_ARGUMENTS);
		lines[n++] = s;
	}
	lines[n] = NULL;
}

void
cases_read(const char *name, struct case_files *c)
{
	struct text status = { 0 };

	*c = (struct case_files){ .status = 0 };
	assert_int_equal(chdir(home), 0);
	assert_int_equal(chdir(name), 0);
	assert_true(program_read_file("args", &c->lines));
	split_lines(&c->lines, c->arguments);
	program_read_file("input", &c->input);
	if (!program_read_file("output", &c->output))
		assert_int_equal(text_add_span(&c->output,
		    text_span(&c->input)), 0);
	program_read_file("errors", &c->errors);
	if (program_read_file("status", &status)) {
		assert_int_equal(text_add_byte(&status, '\0'), 0);
		c->status = atoi(status.s);
		text_free(&status);
	}
}

void
cases_free(struct case_files *c)
{
	text_free(&c->lines);
	text_free(&c->input);
	text_free(&c->output);
	text_free(&c->errors);
}
