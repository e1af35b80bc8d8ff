/* That an option is told of wherever options are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "program.h"

static struct text help;

static bool
is_letter_of_word(char c)
{
	return c != '\0' && strchr("abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-", c) != NULL;
}

/* Whether a text has a word of these letters, between others or none. */
static bool
has_word(const struct text *t, struct span word)
{
	size_t i;

	for (i = 0; i + word.len <= t->len; i++)
		if (memcmp(t->s + i, word.s, word.len) == 0 &&
		    (i == 0 || !is_letter_of_word(t->s[i - 1])) &&
		    (i + word.len == t->len ||
		    !is_letter_of_word(t->s[i + word.len])))
			return true;
	return false;
}

/*
 * The next option in the columns of --help that name them, "-f" or "--file"
 * as in "  -f, --file FILE", without its hyphens.  false: there is no more.
 */
static bool
next_option(size_t *at, struct span *name)
{
	const char *s = help.s + *at, *end = help.s + help.len;

	for (; s < end; s++) {
		if (*s != '-' || s == help.s || is_letter_of_word(s[-1]))
			continue;
		while (s < end && *s == '-')
			s++;
		name->s = s;
		while (s < end && is_letter_of_word(*s))
			s++;
		name->len = (size_t)(s - name->s);
		*at = (size_t)(s - help.s);
		if (name->len > 0)
			return true;
	}
	return false;
}

/* Every option stands in the file, behind one of these two beginnings. */
static void
assert_all_in(const char *path, const char *for_letter, const char *for_word)
{
	struct text file = { 0 }, word = { 0 };
	struct span name;
	size_t at = 0, n = 0;

	assert_true(program_read_file(path, &file));
	for (; next_option(&at, &name); n++) {
		word.len = 0;
		assert_int_equal(text_printf(&word, "%s%.*s",
		    name.len == 1 ? for_letter : for_word, (int)name.len,
		    name.s), 0);
		if (!has_word(&file, text_span(&word)))
			fail_msg("%s does not name %.*s", path, (int)word.len,
			    word.s);
	}
	assert_in_range(n, 40, 400);
	text_free(&file);
	text_free(&word);
}

static void
the_manual_names_every_option(void **state)
{
	(void)state;
	assert_all_in("man/rewrite.1", "Fl ", "Fl -");
}

static void
bash_completes_every_option(void **state)
{
	(void)state;
	assert_all_in("man/completions/rewrite.bash", "-", "--");
}

static void
zsh_completes_every_option(void **state)
{
	(void)state;
	assert_all_in("man/completions/_rewrite", "-", "--");
}

static void
fish_completes_every_option(void **state)
{
	(void)state;
	assert_all_in("man/completions/rewrite.fish", "-s ", "-l ");
}

static int
ask_for_help(void **state)
{
	const char *arguments[] = { "--help", NULL };
	struct result r = program_run(arguments, (struct span){ NULL, 0 },
	    WHOLE);

	(void)state;
	help = r.output;
	text_free(&r.errors);
	return r.status;
}

static int
forget_help(void **state)
{
	(void)state;
	text_free(&help);
	return 0;
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_manual_names_every_option),
		cmocka_unit_test(bash_completes_every_option),
		cmocka_unit_test(zsh_completes_every_option),
		cmocka_unit_test(fish_completes_every_option),
	};
	const char *slash = strrchr(argv[0], '/');

	(void)argc;
	program_find(argv[0]);
	/* From the folder tests to the one above it. */
	if (slash != NULL) {
		argv[0][slash - argv[0]] = '\0';
		if (chdir(argv[0]) == -1)
			return 1;
	}
	if (chdir("..") == -1)
		return 1;
	return cmocka_run_group_tests(tests, ask_for_help, forget_help);
}
