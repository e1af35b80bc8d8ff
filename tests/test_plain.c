/*
 * Plain lines are read in one go, and have to say what they say by the full
 * rules: these read the same line with a comment behind it, which is no longer
 * plain.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "plain_rule.h"
#include "random_table.h"
#include "table.h"

/* Blanks before a comment are quoted too: they make no difference. */
static void
add_error(void *with, const char *file, size_t line, struct span message)
{
	size_t i, n = 0;

	assert_int_equal(text_printf(with, "%s:%zu: ", file, line), 0);
	for (i = 0; i < message.len && n < 50; i++)
		if (message.s[i] != ' ' && n++ < 50)
			assert_int_equal(text_add_byte(with, message.s[i]), 0);
	assert_int_equal(text_add_byte(with, '\n'), 0);
}

static struct rules *
read_table(struct span table, struct text *said)
{
	const struct table_errors errors = { add_error, said };

	return read_rules(table, &errors);
}

static void
show_span(const char *what, struct span s, struct text *shown)
{
	assert_int_equal(text_printf(shown, " %s=<%.*s>", what, (int)s.len,
	    s.s), 0);
}

static void
show_rule(const struct rules *r, uint32_t rule, struct text *shown)
{
	struct pattern p = rules_pattern(r, rule);
	struct route route = rules_route(r, rule);
	struct target t;
	size_t i;

	assert_int_equal(text_printf(shown, "%zu same=%u %d %d %d %d %d",
	    rules_line(r, rule), rules_same(r, rule), p.role, p.scope,
	    p.locals, route.rewrites, route.action), 0);
	show_span("file", rules_file(r, rule), shown);
	show_span("local", p.local, shown);
	show_span("domain", p.domain, shown);
	show_span("detail", route.detail, shown);
	show_span("text", route.text, shown);
	for (i = 0; i < route.count; i++) {
		t = rules_target(r, rule, i);
		assert_int_equal(text_printf(shown, " to %d", t.kind), 0);
		show_span("local", t.local, shown);
		show_span("domain", t.domain, shown);
		show_span("canonical", t.canonical, shown);
	}
	assert_int_equal(text_add_byte(shown, ' '), 0);
	assert_int_equal(rules_add_pattern_text(r, rule, shown), 0);
	assert_int_equal(text_add_byte(shown, ' '), 0);
	assert_int_equal(rules_add_route_text(r, rule, shown), 0);
	assert_int_equal(text_add_byte(shown, '\n'), 0);
}

/* All that a table says, its errors first. */
static void
show_table(struct span table, struct text *shown)
{
	struct rules *r = read_table(table, shown);
	uint32_t rule;

	for (rule = rules_first(r); rule != 0; rule = rules_after(r, rule))
		show_rule(r, rule, shown);
	rules_free(r);
}

/* Shows what follows the first byte that differs, and its line before it. */
static void
assert_same(const struct text *a, const struct text *b)
{
	size_t i = 0, start = 0;

	if (span_equal(text_span(a), text_span(b)))
		return;
	for (; i < a->len && i < b->len && a->s[i] == b->s[i]; i++)
		if (a->s[i] == '\n')
			start = i + 1;
	fail_msg("plain: %.*s\nfull: %.*s", (int)(a->len - start < 300 ?
	    a->len - start : 300), a->s + start, (int)(b->len - start < 300 ?
	    b->len - start : 300), b->s + start);
}

static void
add(struct text *t, const char *s)
{
	assert_int_equal(text_add_span(t, span_of(s)), 0);
}

/*
 * Of what is left open at the end of a line, a comment would be a part; and
 * what has no blank in it is not plain.
 */
static bool
can_be_plain(struct span line)
{
	return memchr(line.s, '"', line.len) == NULL &&
	    memchr(line.s, '[', line.len) == NULL &&
	    memchr(line.s, '/', line.len) == NULL &&
	    (memchr(line.s, ' ', line.len) != NULL ||
	    memchr(line.s, '\t', line.len) != NULL);
}

static void
add_with_comment(struct text *t, struct span line)
{
	bool cr = line.len > 0 && line.s[line.len - 1] == '\r';

	line.len -= cr;
	assert_int_equal(text_add_span(t, line), 0);
	if (can_be_plain(line))
		add(t, is_blank(line.s[line.len - 1]) ? "#" : " #");
	add(t, cr ? "\r\n" : "\n");
}

static void
compare_lines(const struct text *plain)
{
	struct text full = { 0 }, a = { 0 }, b = { 0 };
	const char *s = plain->s, *end = s + plain->len, *lf;

	for (; s < end; s = lf + 1) {
		lf = memchr(s, '\n', (size_t)(end - s));
		add_with_comment(&full, span_between(s, lf));
	}
	show_table(text_span(plain), &a);
	show_table(text_span(&full), &b);
	assert_same(&a, &b);
	text_free(&full);
	text_free(&a);
	text_free(&b);
}

/* Words that lines are made of, so that many are plain, and others nearly. */
static const char *const words[] = { "a", "b", "user", "x-y", "-", "example",
	"com", "x.example", "y.example", "USER", "new.example", "_", "7",
	"inbound", "keep", "discard", ".", ".", ".", ".", "@", "@", "@", "@",
	" ", "  ", "\t", " ", " ", "*.", "*", "$1", "$1.", "$", "+", "=", ",",
	":", "from:", "to:", "forward:h.example", "reject", "\"", "[", "]",
	"(", ")", "\\", "/", "#", "<>", "\xc3\xbc", "\r", "\x01", "xn--a",
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" };

static void
add_word(struct text *t, size_t first, size_t n)
{
	add(t, words[first + random_below((uint32_t)n)]);
}

/* A name that is plain, as a rule. */
static void
add_name(struct text *t)
{
	static const char *const before[] = { "", "", "", "*.", ".", "a@",
		"User.b+c@", "-@", "$1.", "x@" };

	add(t, before[random_below(10)]);
	add_word(t, 0, 16);
	if (random_below(2) == 0) {
		add(t, ".");
		add_word(t, 0, 13);
	}
	if (random_below(20) == 0)
		add_word(t, 0, sizeof(words) / sizeof(*words));
}

static void
add_random_line(struct text *t)
{
	uint32_t i, n;

	if (random_below(4) == 0) {
		n = 1 + random_below(8);
		for (i = 0; i < n; i++)
			add_word(t, 0, sizeof(words) / sizeof(*words));
	} else {
		add_name(t);
		add_word(t, 24, 5);
		add_name(t);
	}
	add(t, random_below(30) == 0 ? " \n" : random_below(30) == 0 ?
	    "\r\n" : "\n");
}

static void
random_lines_are_read_alike(void **state)
{
	struct text t = { 0 };
	uint32_t i, j;

	(void)state;
	for (i = 0; i < 400; i++) {
		random_begin(i);
		t.len = 0;
		add(&t, "first.example keep\n");
		for (j = 0; j < 60; j++)
			add_random_line(&t);
		compare_lines(&t);
	}
	text_free(&t);
}

/* Each byte at each place of a plain line. */
static void
any_byte_is_read_alike(void **state)
{
	static const char line[] = "u.v@a-b.c \td@e.f";
	struct text t = { 0 };
	size_t i;
	int c;

	(void)state;
	for (i = 0; i < sizeof(line) - 1; i++) {
		t.len = 0;
		add(&t, "first.example keep\n");
		for (c = 1; c < 256; c++) {
			if (c == '\n')
				continue;
			add(&t, line);
			t.s[t.len - (sizeof(line) - 1) + i] = (char)c;
			add(&t, "\n");
		}
		compare_lines(&t);
	}
	text_free(&t);
}

static bool
is_plain(const char *line)
{
	struct plain_rule plain;

	return plain_rule_read(span_of(line), &plain);
}

static void
what_large_tables_hold_is_plain(void **state)
{
	(void)state;
	assert_true(is_plain("User.Name+x@a.example  new_name@b-c.example"));
	assert_true(is_plain("a.example\tb.example"));
	assert_true(is_plain("*.a.example $1.b.example "));
	assert_true(is_plain(".a.example inbound"));
	assert_false(is_plain("a.example  B.example"));
	assert_false(is_plain("a.example  reject"));
	assert_false(is_plain("a.example  b.example # why"));
}

static void
a_plain_line_may_go_on(void **state)
{
	static const char t[] = "z.example keep\na.example b@c.example\n"
	    "# of this\n\n \t,d@e.example\nf.example\n inbound\n"
	    "g.example keep";
	struct text shown = { 0 };
	struct rules *r = read_table(span_of(t), &shown);

	(void)state;
	assert_int_equal(shown.len, 0);
	assert_int_equal(rules_route(r, 2).count, 2);
	assert_int_equal(rules_line(r, 2), 2);
	assert_int_equal(rules_line(r, 3), 6);
	assert_int_equal(rules_line(r, 4), 8);
	assert_int_equal(rules_after(r, 4), 0);
	rules_free(r);
}

/* Rules of all kinds, more of each than there is room for at first. */
static void
add_many_rules(struct text *t)
{
	int i;

	for (i = 0; i < 200; i++)
		assert_int_equal(text_printf(t, "u%d@a.x  u%d@b.x, c.x\n"
		    "d%d.x  D%d.y\n/^r%d@z$/  forward:mx%d.x\n", i, i, i, i,
		    i, i), 0);
}

/* How large it will be is not known then. */
static void
a_table_may_come_through_a_pipe(void **state)
{
	struct text table = { 0 }, a = { 0 }, b = { 0 };
	const struct table_errors errors = { add_error, &b };
	struct rules *r;
	uint32_t rule;
	int ends[2];

	(void)state;
	add_many_rules(&table);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], table.s, table.len), table.len);
	close(ends[1]);
	r = read_rules_from(ends[0], &errors);
	close(ends[0]);
	for (rule = rules_first(r); rule != 0; rule = rules_after(r, rule))
		show_rule(r, rule, &b);
	show_table(text_span(&table), &a);
	assert_same(&a, &b);
	rules_free(r);
	text_free(&table);
	text_free(&a);
	text_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_lines_are_read_alike),
		cmocka_unit_test(any_byte_is_read_alike),
		cmocka_unit_test(what_large_tables_hold_is_plain),
		cmocka_unit_test(a_plain_line_may_go_on),
		cmocka_unit_test(a_table_may_come_through_a_pipe),
	};

	return cmocka_run_group_tests_name("plain", tests, NULL, NULL);
}
