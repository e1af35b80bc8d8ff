/*
 * What -d tells of two tables, compared with what the router does by either
 * with every address of a small alphabet, for thousands of pairs of small
 * tables: a table and what becomes of it by a small change, by one that
 * changes nothing, or any other table.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compare.h"
#include "match.h"
#include "random_table.h"

enum { PAIRS = 3000, CAPTURING = 600, GLOBBING = 800, EQUALS = 1200,
	MOST_HOPS = 64 };

static const struct router_options plain;
static const struct random_table exact = { .most = 6 };
static const struct random_table capturing = { .most = 6, .captures = true };
static const struct random_table globbing = { .most = 6, .globs = true };

/* Two tables, and what -d told of them. */
struct trial {
	struct text texts[2];
	struct rules *rules[2];
	struct router *routers[2];
	struct router_options options;
	struct text patterns;	/* of what differs, as a table of its own */
	bool without_domain;	/* so do some that have none */
	size_t left_out;	/* lines that contradict others */
	size_t differences;	/* that are certain */
	size_t possible;
};

/* An address as a person would compare two of them. */
static void
show(const struct outcome *o, size_t n, struct text *t)
{
	const struct destination *d = &o->destinations[n];

	t->len = 0;
	assert_int_equal(address_add_canonical(t, d->local, d->domain), 0);
	assert_int_equal(text_printf(t, " %d %.*s", (int)d->action,
	    (int)d->detail.len, d->detail.len == 0 ? "" : d->detail.s), 0);
}

static bool
is_shown(const struct outcome *o, const struct text *shown)
{
	struct text t = { 0 };
	bool found = false;
	size_t i;

	for (i = 0; i < o->count && !found; i++) {
		show(o, i, &t);
		found = span_equal(text_span(&t), text_span(shown));
	}
	text_free(&t);
	return found;
}

static bool
differ(const struct outcome *a, const struct outcome *b)
{
	struct text t = { 0 };
	bool differs = a->count != b->count;
	size_t i;

	if (a->status != ROUTED || b->status != ROUTED)
		return a->status == ROUTED || b->status == ROUTED;
	for (i = 0; i < a->count && !differs; i++) {
		show(a, i, &t);
		differs = !is_shown(b, &t);
	}
	text_free(&t);
	return differs;
}

static bool
differs_for(struct trial *t, enum role role, const struct address *a)
{
	struct outcome outcomes[2];
	int i;

	for (i = 0; i < 2; i++)
		assert_int_equal(router_route(t->routers[i], role, a,
		    &outcomes[i]), 0);
	return differ(&outcomes[0], &outcomes[1]);
}

static void
print_tables(const struct trial *t)
{
	print_error("--- one\n%.*s--- other\n%.*s--- told\n%.*s",
	    (int)t->texts[0].len, t->texts[0].s, (int)t->texts[1].len,
	    t->texts[1].s, (int)t->patterns.len, t->patterns.len == 0 ? "" :
	    t->patterns.s);
	if (t->options.delimiters != NULL)
		print_error("(-x +)");
	if (t->options.once)
		print_error("(-1)");
	if (t->options.domain.len > 0)
		print_error("(-u a.b)");
}

/* What is told as certain has to be true, by routers of our own. */
static int
take_difference(void *with, const struct difference *d)
{
	struct trial *t = with;
	bool sender = span_begins_fold(d->pattern, "from:");

	if (d->possible) {
		t->possible++;
		return 0;
	}
	t->differences++;
	if (!differs_for(t, sender ? SENDER : RECIPIENT, d->example)) {
		print_tables(t);
		fail_msg("%.*s does not differ", (int)d->example->mailbox.len,
		    d->example->mailbox.s);
	}
	if (memchr(d->pattern.s, ' ', d->pattern.len) != NULL) {
		t->without_domain = true;
		return 0;
	}
	return text_add_span(&t->patterns, d->pattern) == -1 ? -1 :
	    text_add(&t->patterns, " keep\n", 6);
}

static int
take_possible(void *with, struct span reason)
{
	struct trial *t = with;

	(void)reason;
	t->possible++;
	return 0;
}

/* Whether what was told of covers an address. */
static bool
is_covered(const struct trial *t, const struct rules *told, enum role role,
    struct address *a)
{
	struct text room = { 0 };
	struct match m;
	struct query q = { .role = role, .local = a->local,
		.domain = a->domain, .null = a->local.len == 0,
		.delimiters = t->options.delimiters };

	if (a->domain.len == 0 && t->options.domain.len > 0)
		q.domain = t->options.domain;
	if (t->without_domain && a->domain.len == 0)
		return true;
	assert_int_equal(match_find(told, &q, &room, &m), 0);
	text_free(&room);
	return m.rule != 0;
}

/* Whether it comes first under a glob, and then to what was told of. */
static bool
comes_from_glob(struct trial *t, const struct rules *told, enum role role,
    int table, const struct destination *d, bool *covered)
{
	struct hop hops[MOST_HOPS];
	size_t i, n = router_trail(t->routers[table], d, hops, MOST_HOPS);
	struct address a;

	if (n == 0 || rules_pattern(t->rules[table], hops[0].rule).locals !=
	    LOCAL_GLOB)
		return false;
	a = (struct address){ d->local, d->local, d->domain };
	*covered = *covered || is_covered(t, told, role, &a);
	for (i = 1; i < n && i < MOST_HOPS; i++) {
		a = (struct address){ hops[i].local, hops[i].local,
			hops[i].domain };
		*covered = *covered || is_covered(t, told, role, &a);
	}
	return true;
}

/*
 * A glob that is the same in both tables is not looked into: of what comes
 * under it by both, it is told only where it leads to.
 */
static bool
is_covered_behind_glob(struct trial *t, const struct rules *told,
    enum role role, const struct address *a)
{
	struct outcome o;
	bool covered = false;
	size_t i;
	int table;

	for (table = 0; table < 2; table++) {
		assert_int_equal(router_route(t->routers[table], role, a, &o),
		    0);
		for (i = 0; i < o.count; i++)
			if (!comes_from_glob(t, told, role, table,
			    &o.destinations[i], &covered))
				return false;
	}
	return covered;
}

/* Every address that differs is one of those that were told of. */
static void
try_address(struct trial *t, const struct rules *told, enum role role,
    const char *local, const char *domain)
{
	struct text room = { 0 };
	struct address a;

	assert_int_equal(address_write(&room, span_of(local), span_of(domain),
	    &a), 0);
	if (differs_for(t, role, &a) && !is_covered(t, told, role, &a) &&
	    !is_covered_behind_glob(t, told, role, &a)) {
		print_tables(t);
		fail_msg("%.*s differs, which was not told",
		    (int)a.mailbox.len, a.mailbox.s);
	}
	text_free(&room);
}

static void
try_all(struct trial *t, enum role role)
{
	struct rules *told = random_rules(text_span(&t->patterns), NULL);
	size_t i, j;

	for (i = 0; i < RANDOM_LOCALS; i++)
		for (j = 0; j < RANDOM_DOMAINS; j++)
			try_address(t, told, role, random_local(i),
			    random_domain(j));
	if (role == SENDER)
		try_address(t, told, role, "", "");
	rules_free(told);
}

static void
compare(struct trial *t)
{
	const struct differences differences =
	    { take_difference, take_possible, t };
	size_t left_out;
	int i;

	t->patterns.len = 0;
	t->without_domain = false;
	t->differences = t->possible = t->left_out = 0;
	for (i = 0; i < 2; i++) {
		t->rules[i] = random_rules(text_span(&t->texts[i]),
		    &left_out);
		t->left_out += left_out;
		t->routers[i] = router_new(t->rules[i], &t->options);
		assert_non_null(t->routers[i]);
	}
	assert_int_equal(compare_tables(t->rules[0], t->rules[1], &t->options,
	    &differences), 0);
}

static void
close_tables(struct trial *t)
{
	int i;

	for (i = 0; i < 2; i++) {
		router_free(t->routers[i]);
		rules_free(t->rules[i]);
	}
}

static void
free_trial(struct trial *t)
{
	text_free(&t->texts[0]);
	text_free(&t->texts[1]);
	text_free(&t->patterns);
}

/* The nth line of a text, counted from 0, with its LF; empty behind the end. */
static struct span
line_at(struct span text, size_t n)
{
	const char *end = text.s + text.len, *lf;

	for (; text.s < end; text.s = lf + 1) {
		lf = memchr(text.s, '\n', (size_t)(end - text.s));
		if (n-- == 0)
			return span_between(text.s, lf + 1);
	}
	return (struct span){ "", 0 };
}

/* The same lines from another one on, but for one that may be left out. */
static void
turn_lines(struct span text, size_t left_out, struct text *turned)
{
	size_t i, n = span_lines(text), first = random_below((uint32_t)n);

	for (i = 0; i < n; i++)
		if ((first + i) % n != left_out)
			assert_int_equal(text_add_span(turned, line_at(text,
			    (first + i) % n)), 0);
}

static void
set_options(struct trial *t)
{
	t->options = plain;
	if (random_below(4) == 0)
		t->options.delimiters = "+";
	if (random_below(6) == 0)
		t->options.once = true;
	if (random_below(4) == 0)
		t->options.domain = span_of("a.b");
}

static void
make_pair(struct trial *t, const struct random_table *what)
{
	struct span one;

	t->texts[0].len = t->texts[1].len = 0;
	random_table(&t->texts[0], what);
	one = text_span(&t->texts[0]);
	switch (random_below(3)) {
	case 0:
		random_table(&t->texts[1], what);
		break;
	case 1:
		turn_lines(one, random_below((uint32_t)span_lines(one)),
		    &t->texts[1]);
		break;
	default:
		turn_lines(one, SIZE_MAX, &t->texts[1]);
		random_rule(&t->texts[1], what);
	}
	set_options(t);
}

/*
 * Returns of how many pairs it was told that a difference is possible.  Where
 * there are globs nothing else has to be told of these.
 */
static size_t
compare_pairs(const struct random_table *what, size_t pairs, uint32_t seed)
{
	struct trial t = { .possible = 0 };
	size_t i, possible = 0;

	random_begin(seed);
	for (i = 0; i < pairs; i++) {
		make_pair(&t, what);
		compare(&t);
		possible += t.possible > 0;
		if (!what->globs || t.possible == 0) {
			try_all(&t, RECIPIENT);
			try_all(&t, SENDER);
		}
		close_tables(&t);
	}
	free_trial(&t);
	return possible;
}

static void
what_differs_is_told_and_what_is_told_differs(void **state)
{
	(void)state;
	assert_int_equal(compare_pairs(&exact, PAIRS, 1), 0);
}

static void
what_captures_make_is_compared_as_well(void **state)
{
	(void)state;
	compare_pairs(&capturing, CAPTURING, 2);
}

static void
what_differs_by_globs_is_told_or_said_to_be_possible(void **state)
{
	size_t possible = compare_pairs(&globbing, GLOBBING, 4);

	(void)state;
	assert_true(possible < GLOBBING * 3 / 4);
}

/* ".example.com" as the two patterns that it stands for. */
static void
add_split(struct text *t, struct span line)
{
	const char *end = memchr(line.s, ' ', line.len), *dot;
	struct span before, after;

	dot = memchr(line.s, '.', (size_t)(end - line.s));
	if (dot == NULL || (dot > line.s && dot[-1] != '@' &&
	    dot[-1] != ':')) {
		assert_int_equal(text_add_span(t, line), 0);
		return;
	}
	before = span_between(line.s, dot);
	after = span_between(dot + 1, end);
	assert_int_equal(text_printf(t, "%.*s*.%.*s,%.*s%.*s%.*s",
	    (int)before.len, before.s, (int)after.len, after.s,
	    (int)before.len, before.s, (int)after.len, after.s,
	    (int)(line.s + line.len - end), end), 0);
}

static void
nothing_is_told_of_the_same_in_other_words_and_order(void **state)
{
	struct trial t = { .possible = 0 };
	struct text turned = { 0 };
	size_t i, j, compared = 0;

	(void)state;
	random_begin(3);
	for (i = 0; i < EQUALS; i++) {
		t.texts[0].len = t.texts[1].len = turned.len = 0;
		random_table(&t.texts[0], i % 2 == 0 ? &exact : &capturing);
		turn_lines(text_span(&t.texts[0]), SIZE_MAX, &turned);
		for (j = 0; j < span_lines(text_span(&turned)); j++)
			add_split(&t.texts[1], line_at(text_span(&turned), j));
		set_options(&t);
		compare(&t);
		if (t.left_out == 0 && t.differences + t.possible > 0) {
			print_tables(&t);
			fail_msg("nothing differs");
		}
		compared += t.left_out == 0;
		close_tables(&t);
	}
	assert_true(compared > EQUALS / 4);
	text_free(&turned);
	free_trial(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    what_differs_is_told_and_what_is_told_differs),
		cmocka_unit_test(what_captures_make_is_compared_as_well),
		cmocka_unit_test(
		    what_differs_by_globs_is_told_or_said_to_be_possible),
		cmocka_unit_test(
		    nothing_is_told_of_the_same_in_other_words_and_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
