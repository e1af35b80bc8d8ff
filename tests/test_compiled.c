/*
 * Compiled tables: that they say what their text says, and that nothing in
 * such a file, whatever happened to it, makes the program read beyond it or
 * go on for ever (run these under a sanitizer or valgrind).
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "block.h"
#include "check.h"
#include "compare.h"
#include "compiled.h"
#include "draw.h"
#include "program.h"
#include "random_table.h"
#include "router.h"
#include "table.h"

static const char small[] = "user@a.example  b.example\n"
    "a.example  x@b.example, c.example # several\n"
    "*.b.example  $1.a.example\nsales-*@.d.example  \"$1 (old)\"@B.example\n"
    "/^r([0-9]+)@/  r$1@e.example\n/q\\\\*/ q@e.example\n"
    "e.example  reject:No such user\nf.example  forward:h.example:25\n"
    "from:a.example  c.example\nfrom:<> m@c.example\n*@g.example  $0.a\n"
    "a\\\\b@*  discard\nc.example inbound\nb.example keep\n* *@h.example\n"
    "* $1\nC.example inbound\n";

static const char *const addresses[] = { "user@a.example", "w@a.example",
	"w@x.b.example", "sales-z@y.d.example", "r12@p", "q", "w@e.example",
	"w@f.example", "w@g.example", "\"a\\\\b\"@z", "w@c.example", "root",
	"\"\"@d.example", "<>", "w@y.x.b.example", "user@b.example" };

static void
ignore_error(void *with, const char *file, size_t line, struct span message)
{
	(void)with;
	(void)file;
	(void)line;
	(void)message;
}

static struct rules *
read_text(struct span table)
{
	const struct table_errors errors = { ignore_error, NULL };
	struct rules *rules = rules_new();
	FILE *f = program_temporary(table);
	struct input in;

	assert_non_null(rules);
	assert_int_equal(input_open(&in, fileno(f), NULL), 0);
	assert_int_equal(table_read(rules, &in, "t", &errors), 0);
	input_free(&in);
	fclose(f);
	return rules;
}

static struct rules *
load(struct span image, enum compiled_found *found)
{
	FILE *f = program_temporary(image);
	struct rules *rules;
	struct input in;

	assert_int_equal(input_open(&in, fileno(f), NULL), 0);
	rules = compiled_load(&in, found);
	input_free(&in);
	fclose(f);
	return rules;
}

/* Through a pipe, which cannot be mapped. */
static struct rules *
load_piped(struct span image, enum compiled_found *found)
{
	struct rules *rules;
	struct input in;
	int ends[2];

	assert_true(image.len < 65536);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], image.s, image.len),
	    (ssize_t)image.len);
	close(ends[1]);
	assert_int_equal(input_open(&in, ends[0], NULL), 0);
	rules = compiled_load(&in, found);
	input_free(&in);
	close(ends[0]);
	return rules;
}

static void
show_outcome(const struct router *router, const struct outcome *o,
    struct text *shown)
{
	const struct destination *d;
	struct hop hops[16];
	size_t i, j, n;

	assert_int_equal(text_printf(shown, "%d %u", o->status, o->rule), 0);
	for (i = 0; i < o->count && o->status == ROUTED; i++) {
		d = &o->destinations[i];
		assert_int_equal(text_printf(shown, " | %d ", d->action), 0);
		assert_int_equal(text_add_span(shown, d->local), 0);
		assert_int_equal(text_add_byte(shown, '@'), 0);
		assert_int_equal(text_add_span(shown, d->domain), 0);
		assert_int_equal(text_add_span(shown, d->detail), 0);
		n = router_trail(router, d, hops, 16);
		for (j = 0; j < n && j < 16; j++)
			assert_int_equal(text_printf(shown, " %zu",
			    rules_line(router_rules(router), hops[j].rule)),
			    0);
	}
	assert_int_equal(text_add_byte(shown, '\n'), 0);
}

static void
route_all(const struct rules *rules, struct text *shown)
{
	const struct router_options options = { .delimiters = "+" };
	struct router *router = router_new(rules, &options);
	struct address_parser p;
	struct address a;
	struct outcome o;
	size_t i, role;

	assert_non_null(router);
	for (i = 0; i < sizeof(addresses) / sizeof(*addresses); i++)
		for (role = RECIPIENT; role <= SENDER; role++) {
			address_begin(&p, span_of(addresses[i]));
			if (address_next(&p, &a) != ADDRESS_FOUND)
				continue;
			assert_int_equal(router_route(router, (enum role)role,
			    &a, &o), 0);
			show_outcome(router, &o, shown);
		}
	router_free(router);
}

/* All that a table says, rule by rule, then where addresses go. */
static void
show_table(const struct rules *r, struct text *shown)
{
	struct pattern p;
	struct route route;
	struct target t;
	uint32_t rule;
	size_t i;

	for (rule = rules_first(r); rule != 0; rule = rules_after(r, rule)) {
		p = rules_pattern(r, rule);
		route = rules_route(r, rule);
		assert_int_equal(text_printf(shown, "%.*s:%zu %u %d %d %d %d ",
		    (int)rules_file(r, rule).len, rules_file(r, rule).s,
		    rules_line(r, rule), rules_same(r, rule), p.role, p.scope,
		    p.locals, route.action), 0);
		for (i = 0; i < route.count; i++) {
			t = rules_target(r, rule, i);
			assert_int_equal(text_add_span(shown, t.local), 0);
			assert_int_equal(text_add_span(shown, t.canonical), 0);
		}
		assert_int_equal(rules_add_pattern_text(r, rule, shown), 0);
		assert_int_equal(rules_add_route_text(r, rule, shown), 0);
		assert_int_equal(text_add_byte(shown, '\n'), 0);
	}
	route_all(r, shown);
}

static void
compile(struct span table, struct text *image, struct text *shown)
{
	struct rules *rules = read_text(table);

	assert_int_equal(compiled_make(rules, image), 0);
	show_table(rules, shown);
	rules_free(rules);
}

static void
assert_loads(struct rules *rules, enum compiled_found found,
    const struct text *expected)
{
	struct text shown = { 0 };

	assert_int_equal(found, COMPILED_GOOD);
	assert_non_null(rules);
	show_table(rules, &shown);
	assert_false(compiled_damaged(rules));
	assert_true(span_equal(text_span(&shown), text_span(expected)));
	text_free(&shown);
	rules_free(rules);
}

static void
a_compiled_table_says_what_its_text_says(void **state)
{
	static const struct random_table what = { .most = 40, .globs = true,
		.captures = true };
	struct text table = { 0 }, image = { 0 }, expected = { 0 };
	enum compiled_found found;
	struct rules *rules;
	uint32_t i;

	(void)state;
	for (i = 0; i < 100; i++) {
		random_begin(i);
		table.len = image.len = expected.len = 0;
		if (i == 0)
			assert_int_equal(text_add_span(&table, span_of(small)),
			    0);
		else if (i > 1)
			random_table(&table, &what);
		compile(text_span(&table), &image, &expected);
		rules = load(text_span(&image), &found);
		assert_loads(rules, found, &expected);
		rules = load_piped(text_span(&image), &found);
		assert_loads(rules, found, &expected);
	}
	text_free(&table);
	text_free(&image);
	text_free(&expected);
}

/*
 * Whatever it says, it ends and reads nothing else.  Memory has a nearer end
 * than what is mapped, for those who watch over it.
 */
static void
use(struct span image)
{
	struct text shown = { 0 };
	enum compiled_found found;
	struct rules *rules = load_piped(image, &found);

	if (rules != NULL)
		show_table(rules, &shown);
	text_free(&shown);
	rules_free(rules);
}

/*
 * One that is written twice stands for itself; and behind a target there may
 * be another string of 36 bytes, which is the code of one.
 */
static void
a_dollar_sign_is_what_it_is_in_the_text(void **state)
{
	static const char table[] = "a.example  $$1@y.example\n"
	    "abcdefghijklmnopqrstuvwxyzab.example  y.example\n"
	    "abcdefghijklmnopqrstuvwxyz0123456789@y.example  z.example\n";
	struct text image = { 0 }, expected = { 0 };
	enum compiled_found found;
	struct rules *rules;

	(void)state;
	compile(span_of(table), &image, &expected);
	rules = load(text_span(&image), &found);
	assert_loads(rules, found, &expected);
	text_free(&image);
	text_free(&expected);
}

static void
a_byte_that_was_altered_is_found(void **state)
{
	struct text image = { 0 }, shown = { 0 };
	enum compiled_found found;
	struct rules *rules;
	size_t i;

	(void)state;
	compile(span_of(small), &image, &shown);
	for (i = 0; i < image.len; i++) {
		image.s[i] = (char)(image.s[i] ^ (1 << i % 8));
		rules = load(text_span(&image), &found);
		/* Its first bytes are for compiled_begins() to look at. */
		assert_int_equal(rules == NULL, i >= 8);
		rules_free(rules);
		image.s[i] = (char)(image.s[i] ^ (1 << i % 8));
	}
	text_free(&image);
	text_free(&shown);
}

static void
a_file_cut_short_is_found(void **state)
{
	struct text image = { 0 }, shown = { 0 };
	enum compiled_found found;
	size_t i;

	(void)state;
	compile(span_of(small), &image, &shown);
	for (i = 0; i < image.len; i++)
		assert_null(load((struct span){ image.s, i }, &found));
	assert_int_equal(text_add_byte(&image, '\0'), 0);
	assert_null(load(text_span(&image), &found));
	text_free(&image);
	text_free(&shown);
}

static void
what_has_the_right_checksum_does_no_harm(void **state)
{
	struct text image = { 0 }, wrong = { 0 }, shown = { 0 };
	uint32_t i, j, n, at;

	(void)state;
	compile(span_of(small), &image, &shown);
	for (i = 0; i < 20000; i++) {
		random_begin(i);
		wrong.len = 0;
		assert_int_equal(text_add_span(&wrong, text_span(&image)), 0);
		n = 1 + random_below(i % 2 == 0 ? 4 : 40);
		for (j = 0; j < n; j++) {
			/* The pages behind the head, and the head itself. */
			at = random_below(i % 3 == 0 ? 512 :
			    (uint32_t)image.len - 4096);
			if (i % 3 != 0)
				at += 4096;
			wrong.s[at] = (char)(random_below(3) == 0 ?
			    random_below(256) : random_below(8));
		}
		if (compiled_seal(&wrong))
			use(text_span(&wrong));
	}
	text_free(&image);
	text_free(&wrong);
	text_free(&shown);
}

static void
ignore_finding(void *with, enum finding_kind kind, uint32_t rule,
    struct span message)
{
	(void)with;
	(void)kind;
	(void)rule;
	(void)message;
}

static int
ignore_difference(void *with, const struct difference *d)
{
	(void)with;
	(void)d;
	return 0;
}

static int
ignore_possible(void *with, struct span reason)
{
	(void)with;
	(void)reason;
	return 0;
}

/* All that is told of a table, and of it beside another one. */
static void
tell_all(const struct rules *rules, const struct rules *other)
{
	const struct router_options options = { .delimiters = "+" };
	const struct findings findings = { ignore_finding, NULL };
	const struct differences differences = { ignore_difference,
		ignore_possible, NULL };
	int fd = open("/dev/null", O_WRONLY);
	struct output out;

	assert_int_not_equal(fd, -1);
	assert_int_equal(output_open(&out, fd), 0);
	assert_int_equal(check_rules(rules, &options, &findings), 0);
	assert_int_equal(draw_write(&out, rules, &options), 0);
	assert_int_equal(compare_tables(rules, other, &options, &differences),
	    0);
	output_free(&out);
	close(fd);
}

static void
what_is_told_of_a_table_that_was_altered_does_no_harm(void **state)
{
	struct text image = { 0 }, wrong = { 0 }, shown = { 0 };
	struct rules *rules, *good = read_text(span_of(small));
	enum compiled_found found;
	uint32_t i, j;

	(void)state;
	compile(span_of(small), &image, &shown);
	for (i = 0; i < 500; i++) {
		random_begin(i);
		wrong.len = 0;
		assert_int_equal(text_add_span(&wrong, text_span(&image)), 0);
		for (j = 1 + random_below(30); j > 0; j--)
			wrong.s[4096 + random_below((uint32_t)image.len -
			    4096)] = (char)(random_below(3) == 0 ?
			    random_below(256) : random_below(8));
		assert_true(compiled_seal(&wrong));
		rules = load_piped(text_span(&wrong), &found);
		if (rules != NULL)
			tell_all(rules, good);
		rules_free(rules);
	}
	rules_free(good);
	text_free(&image);
	text_free(&wrong);
	text_free(&shown);
}

/* Alters all that reads so in a compiled table. */
static void
alter(struct text *image, const char *from, const char *to)
{
	size_t i, len = strlen(from);
	bool altered = false;

	for (i = 4096; i + len <= image->len; i++)
		if (memcmp(image->s + i, from, len) == 0) {
			memcpy(image->s + i, to, len);
			altered = true;
		}
	assert_true(altered);
	assert_true(compiled_seal(image));
}

static void
forms_of_local_parts_that_were_altered_do_no_harm(void **state)
{
	static const char table[] = "xx*yy@a.example b.example\n"
	    "*zz@b.example a.example\nuu*@a.example c.example\n"
	    "*yy@a.example b.example\n";
	static const char *const forms[] = { "xxxyy", "xx*y\\", "\\*\\y\\",
		"xx\\*\\" };
	struct text image = { 0 }, shown = { 0 };
	struct rules *rules, *good = read_text(span_of(table));
	enum compiled_found found;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		image.len = shown.len = 0;
		compile(span_of(table), &image, &shown);
		alter(&image, "xx*yy", forms[i]);
		rules = load_piped(text_span(&image), &found);
		assert_int_equal(found, COMPILED_GOOD);
		tell_all(rules, good);
		rules_free(rules);
	}
	rules_free(good);
	text_free(&image);
	text_free(&shown);
}

/* A string whose length is told in the next page, and a regular expression. */
static void
what_goes_on_in_a_damaged_page_is_not_used(void **state)
{
	static unsigned char block[2 * PAGE];
	uint32_t sums[2];
	unsigned char seen[2] = { 0 };
	struct pages pages = { block, sizeof(block), sums, seen, false };
	struct rules rules = { .pages = &pages };

	(void)state;
	block[PAGE - 1] = 255;
	sums[0] = pages_page_sum(block, sizeof(block), 0);
	sums[1] = pages_page_sum(block, sizeof(block), 1) ^ 1;
	rules.parts[STRINGS] = (struct part){ block, sizeof(block), 0 };
	rules.parts[REGEXES] = (struct part){ block + PAGE, 2, 0 };
	assert_int_equal(block_string(&rules, PAGE - 1, NULL).len, 0);
	assert_true(pages.damaged);
	assert_int_equal(block_regex_text(&rules, 1).len, 0);
	/* Nothing is behind the last page, where the length would be. */
	block[PAGE - 1] = 0;
	block[2 * PAGE - 1] = 255;
	seen[0] = seen[1] = 1;
	assert_int_equal(block_string(&rules, 2 * PAGE - 1, NULL).len, 0);
}

/* A page that is not looked at when the table is loaded. */
static void
a_page_is_compared_when_it_is_used(void **state)
{
	struct text table = { 0 }, image = { 0 }, shown = { 0 };
	enum compiled_found found;
	struct rules *rules;
	uint32_t i;

	(void)state;
	for (i = 0; i < 20000; i++)
		assert_int_equal(text_printf(&table, "a@d%u.example b\n", i),
		    0);
	compile(text_span(&table), &image, &shown);
	image.s[image.len / 2] = (char)(image.s[image.len / 2] ^ 1);
	rules = load(text_span(&image), &found);
	assert_non_null(rules);
	assert_false(compiled_damaged(rules));
	show_table(rules, &shown);
	assert_true(compiled_damaged(rules));
	rules_free(rules);
	text_free(&table);
	text_free(&image);
	text_free(&shown);
}

/* A compiled table with a regular expression of so many bytes. */
static struct rules *
load_regex(size_t len, enum compiled_found *found)
{
	struct text regex = { 0 }, image = { 0 };
	struct pattern pattern = { .scope = SCOPE_ANY, .locals = LOCAL_REGEX,
		.text = span_of("x") };
	const struct route route = { .action = INBOUND,
		.text = span_of("inbound") };
	struct rules *rules = rules_new(), *loaded;
	struct ere *compiled;
	const char *why;
	uint32_t other;

	assert_non_null(rules);
	while (regex.len < len)
		assert_int_equal(text_add_byte(&regex, 'a'), 0);
	pattern.local = text_span(&regex);
	compiled = ere_compile(span_of("a"), &why);
	assert_non_null(compiled);
	assert_int_equal(rules_add(rules, &pattern, compiled,
	    rules_add_route(rules, &route), 1, &other), RULES_ADDED);
	assert_int_equal(compiled_make(rules, &image), 0);
	loaded = load(text_span(&image), found);
	rules_free(rules);
	text_free(&regex);
	text_free(&image);
	return loaded;
}

static void
a_regular_expression_too_long_for_a_table_is_refused(void **state)
{
	enum compiled_found found;
	struct rules *rules = load_regex(4096, &found);

	(void)state;
	assert_int_equal(found, COMPILED_GOOD);
	assert_non_null(rules);
	rules_free(rules);
	assert_null(load_regex(4097, &found));
	assert_int_equal(found, COMPILED_REGEX);
}

static char folder[] = "/tmp/test_compiled.XXXXXX";

static void
write_file(const char *name, struct span content)
{
	FILE *f = fopen(name, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(content.s, 1, content.len, f), content.len);
	assert_int_equal(fclose(f), 0);
}

/* Runs it with these arguments, and shows all that comes of it. */
static void
run(const char *const *arguments, const char *input, struct text *shown)
{
	struct result r = program_run(arguments, span_of(input), WHOLE);

	shown->len = 0;
	assert_int_equal(text_printf(shown, "%d\n", r.status), 0);
	assert_int_equal(text_add_span(shown, text_span(&r.output)), 0);
	assert_int_equal(text_add_span(shown, text_span(&r.errors)), 0);
	assert_int_equal(text_add_byte(shown, '\0'), 0);
	program_free(&r);
}

#define ARGUMENTS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void
assert_run(const char *const *arguments, const char *expected)
{
	struct text shown = { 0 };

	run(arguments, "", &shown);
	assert_string_equal(shown.s, expected);
	text_free(&shown);
}

static const char good[] = "b.example  inbound\na.example  b.example\n"
    "c@a.example  reject:No\n";

static void
compile_good(void)
{
	write_file("t", span_of(good));
	assert_run(ARGUMENTS("-f", "t", "-C", "t.c"), "0\n");
}

static void
the_program_does_the_same_with_both(void **state)
{
	static const char *const modes[][4] = { { "-q", "w@a.example" },
		{ "-q", "c@a.example", "-o", "json" }, { "-c" }, { "-g" },
		{ "-d", "u" }, { "-t", "e" }, { "-l" }, { "-l", "-orcpt" } };
	struct text a = { 0 }, b = { 0 };
	const char *of[7] = { "-f", "t" };
	size_t i;

	(void)state;
	compile_good();
	write_file("u", span_of("a.example  x.example\n"));
	write_file("e", span_of("w@a.example w@b.example inbound\n"));
	for (i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
		memcpy(&of[2], modes[i], sizeof(modes[i]));
		of[1] = "t";
		run(of, "w@a.example, c@a.example\n", &a);
		of[1] = "t.c";
		run(of, "w@a.example, c@a.example\n", &b);
		assert_string_equal(a.s, b.s);
	}
	assert_run(ARGUMENTS("-d", "t.c", "-f", "t"), "0\n");
	text_free(&a);
	text_free(&b);
}

static void
a_compiled_table_stands_alone(void **state)
{
	static const char said[] = "64\nrewrite: t.c: a compiled table goes "
	    "with no other rules; compile all of them together, from their "
	    "text\n";

	(void)state;
	compile_good();
	assert_run(ARGUMENTS("-f", "t.c", "x=y"), said);
	assert_run(ARGUMENTS("-f", "t", "-f", "t.c"), said);
	assert_run(ARGUMENTS("-f", "t.c", "-C", "u.c"), said);
	assert_int_equal(access("u.c", F_OK), -1);
}

static void
what_is_wrong_with_a_file_is_told(void **state)
{
	struct text image = { 0 };

	(void)state;
	compile_good();
	assert_true(program_read_file("t.c", &image));
	write_file("cut.c", (struct span){ image.s, image.len - 1 });
	assert_run(ARGUMENTS("-f", "cut.c", "-q", "a@b"), "78\nrewrite: "
	    "cut.c: it is cut short or was altered; compile it again from its "
	    "text\n");
	image.s[image.len - 30] ^= 1;
	write_file("altered.c", text_span(&image));
	assert_run(ARGUMENTS("-f", "altered.c", "-q", "a@b"), "78\nrewrite: "
	    "altered.c: it is cut short or was altered; compile it again from "
	    "its text\n");
	image.s[28]++;
	write_file("version.c", text_span(&image));
	assert_run(ARGUMENTS("-f", "version.c", "-q", "a@b"), "78\nrewrite: "
	    "version.c: it was compiled by another version of rewrite; "
	    "compile it again from its text\n");
	image.s[8] ^= 5;
	write_file("foreign.c", text_span(&image));
	assert_run(ARGUMENTS("-f", "foreign.c", "-q", "a@b"), "78\nrewrite: "
	    "foreign.c: it was compiled on a machine of another kind; compile "
	    "it again from its text\n");
	text_free(&image);
}

static void
a_large_file_that_was_altered_is_told_of_in_the_end(void **state)
{
	struct text table = { 0 }, image = { 0 }, shown = { 0 };
	uint32_t i;
	size_t n;

	(void)state;
	for (i = 0; i < 20000; i++)
		assert_int_equal(text_printf(&table, "a@d%u.example b\n", i),
		    0);
	write_file("t", text_span(&table));
	assert_run(ARGUMENTS("-f", "t", "-C", "t.c"), "0\n");
	assert_true(program_read_file("t.c", &image));
	for (n = image.len / 3; n < image.len; n += 256)
		image.s[n] ^= 1;
	write_file("t.c", text_span(&image));
	run(ARGUMENTS("-l", "-f", "t.c"), "a@d77.example\n", &shown);
	assert_non_null(strstr(shown.s, "rewrite: t.c: it was altered since it "
	    "was compiled, and what was written is not whole; compile it again "
	    "from its text\n"));
	assert_int_equal(strncmp(shown.s, "78\n", 3), 0);
	run(ARGUMENTS("-i", "tcp_table", "-o", "rcpt", "-f", "t.c"),
	    "get a@d77.example\nget b@d78.example\n", &shown);
	assert_true(span_begins_fold(span_of(shown.s), "78\n400 the%20table%20"
	    "was%20altered%20since%20it%20was%20compiled;%20compile%20it%20"
	    "again%20from%20its%20text\n400 the%20"));
	/* Who asks about a table gets no answer from such a one. */
	assert_run(ARGUMENTS("-f", "t.c", "-q", "a@d77.example"), "78\n"
	    "rewrite: t.c: it is cut short or was altered; compile it again "
	    "from its text\n");
	text_free(&shown);
	text_free(&table);
	text_free(&image);
}

static void
set_time(const char *file, time_t seconds, long nanoseconds)
{
	const struct timespec times[2] = { { seconds, nanoseconds },
		{ seconds, nanoseconds } };

	assert_int_equal(utimensat(AT_FDCWD, file, times, 0), 0);
}

static const char answer[] = "0\nw@b.example\nt:1: b.example -> inbound\n"
    "w@b.example is received here\n";

/* What it says where the text is of that time, and the table of 1000.5. */
static void
assert_changed(time_t seconds, long nanoseconds, bool changed)
{
	struct text want = { 0 };

	set_time("t.c", 1000, 5);
	set_time("t", seconds, nanoseconds);
	assert_int_equal(text_printf(&want, "%s%s", answer, !changed ? "" :
	    "rewrite: t.c: t was changed since this was compiled from it; "
	    "compile it again\n"), 0);
	assert_int_equal(text_add_byte(&want, '\0'), 0);
	assert_run(ARGUMENTS("-f", "t.c", "-q", "w@b.example"), want.s);
	text_free(&want);
}

static void
what_is_too_short_is_not_sealed(void **state)
{
	struct text t = { 0 };

	(void)state;
	assert_int_equal(text_add_byte(&t, '\0'), 0);
	assert_false(compiled_seal(&t));
	text_free(&t);
}

static void
a_text_that_was_changed_since_is_told_of(void **state)
{
	struct text shown = { 0 };

	(void)state;
	compile_good();
	assert_changed(1000, 5, false);
	assert_changed(1000, 4, false);
	assert_changed(1000, 6, true);
	assert_changed(1001, 0, true);
	/* Where Postfix asks, nothing stands among the answers. */
	run(ARGUMENTS("-i", "tcp_table", "-o", "rcpt", "-f", "t.c"),
	    "get w@a.example\n", &shown);
	assert_string_equal(shown.s, "0\n200 w@b.example\n");
	text_free(&shown);
	assert_changed(999, 9, false);
	assert_int_equal(unlink("t"), 0);
	assert_run(ARGUMENTS("-f", "t.c", "-q", "w@b.example"), answer);
	write_file("t", span_of("x inbound\n"));
}

static void
nothing_is_written_where_nothing_can_be(void **state)
{
	(void)state;
	compile_good();
	assert_run(ARGUMENTS("-f", "t", "-C", "none/t.c"), "73\nrewrite: -C "
	    "none/t.c: No such file or directory; the table was not written\n");
	write_file("bad", span_of("x\n"));
	assert_run(ARGUMENTS("-f", "bad", "-C", "bad.c"), "78\nrewrite: "
	    "bad:1: no route for \"x\"; write it behind the pattern and a "
	    "blank\nrewrite: 1 error in the table; nothing was written\n");
	assert_int_equal(access("bad.c", F_OK), -1);
	assert_int_equal(mkdir("d", 0777), 0);
	assert_run(ARGUMENTS("-f", "t", "-C", "d"), "73\nrewrite: -C d: it is "
	    "there and is no regular file; name another one\n");
	assert_int_equal(rmdir("d"), 0);
}

static void
neither_a_device_nor_the_text_is_replaced(void **state)
{
	struct stat status;

	(void)state;
	write_file("t", span_of("a.example b.example\n"));
	assert_int_equal(link("t", "same"), 0);
	assert_run(ARGUMENTS("-f", "t", "-C", "t"), "73\nrewrite: -C t: the "
	    "table was read from it; name another file\n");
	assert_run(ARGUMENTS("-f", "t", "-C", "same"), "73\nrewrite: -C same: "
	    "the table was read from it; name another file\n");
	assert_int_equal(mkfifo("fifo", 0666), 0);
	assert_run(ARGUMENTS("-f", "t", "-C", "fifo"), "73\nrewrite: -C fifo: "
	    "it is there and is no regular file; name another one\n");
	assert_int_equal(stat("fifo", &status), 0);
	assert_true(S_ISFIFO(status.st_mode));
	assert_int_equal(unlink("fifo"), 0);
	assert_int_equal(unlink("same"), 0);
	assert_int_equal(unlink("t"), 0);
}

static void
who_may_read_the_old_file_may_read_the_new_one(void **state)
{
	struct stat status;

	(void)state;
	write_file("t", span_of("a.example b.example\n"));
	write_file("c", span_of("old"));
	assert_int_equal(chmod("c", 0640), 0);
	assert_run(ARGUMENTS("-f", "t", "-C", "c"), "0\n");
	assert_int_equal(stat("c", &status), 0);
	assert_int_equal(status.st_mode & 0777, 0640);
	assert_int_equal(unlink("c"), 0);
	assert_int_equal(unlink("t"), 0);
}

/* Its text may be on several file systems, where numbers of files repeat. */
static void
a_compiled_table_is_replaced_by_a_new_one(void **state)
{
	(void)state;
	write_file("t", span_of("a.example inbound\n"));
	assert_run(ARGUMENTS("-f", "t", "-f", "/dev/null", "-C", "t.c"),
	    "0\n");
	write_file("t", span_of("a.example forward:h.example\n"));
	assert_run(ARGUMENTS("-f", "t", "-f", "/dev/null", "-C", "t.c"),
	    "0\n");
	assert_run(ARGUMENTS("-f", "t.c", "-q", "w@a.example"), "0\n"
	    "w@a.example\nt:1: a.example -> forward:h.example\n"
	    "w@a.example is forwarded to h.example\n");
}

static int
enter_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) == NULL || chdir(folder) == -1;
}

/* Only what the tests have named is there; else a file was left behind. */
static int
leave_folder(void **state)
{
	static const char *const names[] = { "t", "t.c", "u", "e", "cut.c",
		"altered.c", "version.c", "foreign.c", "bad" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		unlink(names[i]);
	return chdir("/") == -1 || rmdir(folder) == -1;
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_compiled_table_says_what_its_text_says),
		cmocka_unit_test(a_dollar_sign_is_what_it_is_in_the_text),
		cmocka_unit_test(a_byte_that_was_altered_is_found),
		cmocka_unit_test(a_file_cut_short_is_found),
		cmocka_unit_test(what_has_the_right_checksum_does_no_harm),
		cmocka_unit_test(
		    what_is_told_of_a_table_that_was_altered_does_no_harm),
		cmocka_unit_test(
		    forms_of_local_parts_that_were_altered_do_no_harm),
		cmocka_unit_test(what_goes_on_in_a_damaged_page_is_not_used),
		cmocka_unit_test(a_page_is_compared_when_it_is_used),
		cmocka_unit_test(
		    a_regular_expression_too_long_for_a_table_is_refused),
		cmocka_unit_test(the_program_does_the_same_with_both),
		cmocka_unit_test(a_compiled_table_stands_alone),
		cmocka_unit_test(what_is_wrong_with_a_file_is_told),
		cmocka_unit_test(
		    a_large_file_that_was_altered_is_told_of_in_the_end),
		cmocka_unit_test(what_is_too_short_is_not_sealed),
		cmocka_unit_test(a_text_that_was_changed_since_is_told_of),
		cmocka_unit_test(nothing_is_written_where_nothing_can_be),
		cmocka_unit_test(neither_a_device_nor_the_text_is_replaced),
		cmocka_unit_test(
		    who_may_read_the_old_file_may_read_the_new_one),
		cmocka_unit_test(a_compiled_table_is_replaced_by_a_new_one),
	};

	(void)argc;
	program_find(argv[0]);
	return cmocka_run_group_tests_name("compiled", tests, enter_folder,
	    leave_folder);
}
