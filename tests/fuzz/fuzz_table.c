/*
 * Any text as a table: it says the same, and has the same errors, however it
 * is cut into pieces, by the full rules alone, and compiled.
 */
#include <stdlib.h>
#include <string.h>

#include "compiled.h"
#include "show.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/*
 * All that a table says, and where addresses go, with one or other options.
 * What is captured can make them longer a thousand times; one length in 64
 * is enough of this.
 */
static void
show(const struct rules *rules, struct span table, struct text *t)
{
	const struct router_options options[] = { { .delimiters = "+" },
		{ .once = true, .domain = span_of("u.example") } };

	show_rules(rules, t);
	if (memchr(table.s, '$', table.len) == NULL || table.len % 64 == 0)
		show_ways(rules, &options[table.len / 8 % 2], t);
}

static void
show_table(struct span table, const struct way *way, struct text *t)
{
	struct table_errors errors = { show_error, t };
	unsigned long long begun = fuzz_work;
	struct rules *rules = ways_read_table(table, way, &errors);

	fuzz_check_work(begun, table.len, 4000, 1500);
	show(rules, table, t);
	rules_free(rules);
}

/* The table as it is compiled, with no errors left. */
static void
show_compiled(struct span table, struct text *t)
{
	struct table_errors errors = { show_error, t };
	struct rules *rules = ways_read_table(table, ways, &errors);
	enum compiled_found found;
	struct text image = { 0 };
	struct input in;

	fuzz_check(compiled_make(rules, &image) == 0, "there is memory");
	rules_free(rules);
	ways_input(&in, text_span(&image), ways);
	rules = compiled_load(&in, &found);
	fuzz_check(found == COMPILED_GOOD, "what was compiled is good");
	fuzz_check(compiled_check(rules), "all that was compiled is good");
	show(rules, table, t);
	fuzz_check(!compiled_damaged(rules), "it is not damaged");
	rules_free(rules);
	input_free(&in);
	text_free(&image);
}

/* The same as an argument, which is a string. */
static void
read_argument(struct span table)
{
	struct text said = { 0 }, argument = { 0 };
	struct table_errors errors = { show_error, &said };
	struct rules *rules = rules_new();
	bool done = rules != NULL && text_add_span(&argument, table) == 0 &&
	    text_add_byte(&argument, '\0') == 0 && table_read_argument(rules,
	    argument.s, 1, &errors) == 0;

	fuzz_check(done, "an argument can be read");
	rules_free(rules);
	text_free(&argument);
	text_free(&said);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct span table = { (const char *)data, size };
	struct text shown = { 0 }, other = { 0 };
	size_t i;

	show_table(table, ways, &shown);
	for (i = 1; i < WAYS; i++) {
		other.len = 0;
		show_table(table, &ways[i], &other);
		fuzz_check_same(text_span(&shown), text_span(&other),
		    i == 1 ? "pieces say what the whole says" :
		    "plain lines say what they say by the full rules");
	}
	other.len = 0;
	show_compiled(table, &other);
	fuzz_check_same(text_span(&shown), text_span(&other),
	    "a table says the same compiled");
	read_argument(table);
	text_free(&shown);
	text_free(&other);
	return 0;
}
