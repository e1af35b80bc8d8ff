/*
 * A compiled table with bytes changed in it and its checksums put right, or
 * not: nothing that is asked of it does harm.  Up to the first NUL the data is
 * the table that is compiled, then a byte that says whether it is sealed, and
 * checked and drawn, and then three bytes for each change, two of them for
 * where it is.
 */
#include <string.h>

#include "check.h"
#include "compiled.h"
#include "draw.h"
#include "show.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static const struct router_options options = { .delimiters = "+" };

static void
ignore_error(void *with, const char *file, size_t line, struct span message)
{
	(void)with;
	(void)file;
	(void)line;
	(void)message;
}

static void
compile(struct span table, struct text *image)
{
	const struct table_errors errors = { ignore_error, NULL };
	struct rules *rules = ways_read_table(table, ways, &errors);

	fuzz_check(compiled_make(rules, image) == 0, "there is memory");
	rules_free(rules);
}

static void
change(struct text *image, struct span changes)
{
	const unsigned char *c = (const unsigned char *)changes.s;
	size_t i;

	for (i = 0; i + 2 < changes.len; i += 3)
		image->s[((size_t)c[i] << 8 | c[i + 1]) % image->len] =
		    (char)c[i + 2];
}

static void
take_finding(void *with, enum finding_kind kind, uint32_t rule,
    struct span message)
{
	(void)kind;
	(void)rule;
	fuzz_check(text_add_span(with, message) == 0, "there is memory");
}

static void
use(const struct rules *rules, bool all)
{
	struct text shown = { 0 };
	const struct findings findings = { take_finding, &shown };
	struct spool spool;
	struct output out = ways_output(&spool);

	show_rules(rules, &shown);
	show_ways(rules, &options, &shown);
	if (all && compiled_check(rules)) {
		check_rules(rules, &options, &findings);
		draw_write(&out, rules, &options);
	}
	spool_free(&spool);
	text_free(&shown);
}

static void
load(struct span image, bool all)
{
	enum compiled_found found;
	struct rules *rules;
	struct input in;

	ways_input(&in, image, ways);
	if ((rules = compiled_load(&in, &found)) != NULL) {
		use(rules, all);
		rules_free(rules);
	}
	fuzz_check((rules == NULL) == (found != COMPILED_GOOD),
	    "what is found says whether there is a table");
	input_free(&in);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *s = (const char *)data, *end = s + size, *nul;
	struct text image = { 0 };

	if (size < 2 || (nul = memchr(s, '\0', size - 1)) == NULL)
		return -1;
	compile(span_between(s, nul), &image);
	change(&image, span_between(nul + 2, end));
	if (nul[1] & 7)
		compiled_seal(&image);
	load(text_span(&image), nul[1] & 8);
	text_free(&image);
	return 0;
}
