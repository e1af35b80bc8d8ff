/*
 * What is asked of tables: two of them, parted by a NUL, are checked, drawn
 * and compared, and the second is read as expectations of the first as well.
 * A table differs in nothing from itself, and from another as the other
 * differs from it.
 */
#include <string.h>

#include "check.h"
#include "compare.h"
#include "difference.h"
#include "draw.h"
#include "expect.h"
#include "show.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
take_finding(void *with, enum finding_kind kind, uint32_t rule,
    struct span message)
{
	(void)kind;
	(void)rule;
	fuzz_check(text_add_span(with, message) == 0, "there is memory");
}

static void
check_and_draw(const struct rules *rules, const struct router_options *options)
{
	struct text found = { 0 };
	const struct findings findings = { take_finding, &found };
	struct spool spool;
	struct output out = ways_output(&spool);

	fuzz_check(check_rules(rules, options, &findings) == 0,
	    "a table can be checked");
	fuzz_check(draw_write(&out, rules, options) == 0 && out.error == 0,
	    "a table can be drawn");
	spool_free(&spool);
	text_free(&found);
}

struct told {
	struct output out;
	size_t differ, possible;
};

static int
differ(void *with, const struct difference *difference)
{
	struct told *told = with;

	told->differ++;
	return difference_write(&told->out, difference);
}

static int
possible(void *with, struct span reason)
{
	struct told *told = with;

	told->possible++;
	return difference_write_possible(&told->out, reason);
}

static struct told
compare(const struct rules *a, const struct rules *b,
    const struct router_options *options)
{
	struct spool spool;
	struct told told = { .out = ways_output(&spool) };
	const struct differences differences = { differ, possible, &told };

	fuzz_check(compare_tables(a, b, options, &differences) == 0 &&
	    told.out.error == 0, "tables can be compared");
	spool_free(&spool);
	return told;
}

static void
compare_both(const struct rules *a, const struct rules *b,
    const struct router_options *options)
{
	struct told one = compare(a, b, options);
	struct told other = compare(b, a, options);

	fuzz_check((one.differ + one.possible > 0) ==
	    (other.differ + other.possible > 0),
	    "tables differ as much in turn");
	one = compare(a, a, options);
	fuzz_check(one.differ == 0, "a table does not differ from itself");
}

static void
expect(const struct rules *rules, struct span s,
    const struct router_options *options)
{
	struct text said = { 0 };
	struct table_errors errors = { show_error, &said };
	struct router *router = router_new(rules, options);
	struct expectations *e = expect_new();
	struct spool spool;
	struct output out = ways_output(&spool);
	struct input in;

	fuzz_check(router != NULL && e != NULL, "there is memory");
	ways_input(&in, s, ways);
	fuzz_check(expect_read(e, &in, "e", &errors) == 0,
	    "expectations can be read");
	fuzz_check(expect_run(e, router, &out) != -1, "they can be run");
	input_free(&in);
	spool_free(&spool);
	expect_free(e);
	router_free(router);
	text_free(&said);
}

static void
ask(struct span a, struct span b, const struct router_options *options)
{
	struct text said = { 0 };
	struct table_errors errors = { show_error, &said };
	struct rules *one = ways_read_table(a, ways, &errors);
	struct rules *other = ways_read_table(b, ways, &errors);

	check_and_draw(one, options);
	compare_both(one, other, options);
	expect(one, b, options);
	rules_free(one);
	rules_free(other);
	text_free(&said);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *s = (const char *)data, *end = s + size, *nul;
	struct router_options options = { .delimiters = NULL };

	if (size == 0 || (nul = memchr(s + 1, '\0', size - 1)) == NULL)
		return -1;
	options.once = *s & 1;
	if (*s & 2)
		options.delimiters = "+";
	if (*s & 4)
		options.domain = span_of("b");
	ask(span_between(s + 1, nul), span_between(nul + 1, end), &options);
	return 0;
}
