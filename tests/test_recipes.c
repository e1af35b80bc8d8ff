/* The recipes of the README, as the script tests/recipes runs them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char folder[4096];

static void
a_recipe(void **name)
{
	char command[8192];

	snprintf(command, sizeof(command), "sh '%s/recipes' '%s'", folder,
	    (const char *)*name);
	assert_int_equal(system(command), 0);
}

#define RECIPE(name) { name, a_recipe, NULL, NULL, name }

int
main(int argc, char **argv)
{
	struct CMUnitTest tests[] = {
		RECIPE("message"),
		RECIPE("import"),
		RECIPE("list"),
		RECIPE("csv"),
		RECIPE("swap"),
		RECIPE("rcpt"),
		RECIPE("smtp"),
		RECIPE("forward"),
		RECIPE("answer"),
		RECIPE("trust"),
		RECIPE("job"),
		RECIPE("manual"),
	};
	const char *slash = strrchr(argv[0], '/');

	(void)argc;
	snprintf(folder, sizeof(folder), "%.*s",
	    slash == NULL ? 1 : (int)(slash - argv[0]),
	    slash == NULL ? "." : argv[0]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
