/*
 * What -c finds in a table, compared with what the router does with every
 * address of a small alphabet, for thousands of small tables made at random.
 * In the alphabet are a label and a local part that no table names.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "check.h"
#include "loops.h"
#include "match.h"
#include "random_table.h"

enum { MOST_RULES = 64, MOST_LOOPS = 1024, MOST_HOPS = 64,
	MOST_VISITED = 64, SEED = 20261124 };

struct found_loop {
	enum loop_kind kind;
	size_t count;
	uint32_t rules[MOST_HOPS];
	struct text addresses[MOST_HOPS];
};

/* A table and what was found in it. */
struct trial {
	struct text table;
	struct rules *rules;
	struct router_options options;
	bool captures;		/* some rule captures */
	bool lists;		/* some rule has several targets */
	struct router *router, *once;
	uint32_t reported[FOUND_DUPLICATE + 1][MOST_RULES];
	size_t n_reported[FOUND_DUPLICATE + 1];
	struct found_loop loops[2][MOST_LOOPS];
	size_t n_loops[2];
};

/* Those with captures are few, since what grows takes its time. */
static const struct random_table plain = { .most = 8, .globs = true,
	.growing = true };
static const struct random_table capturing = { .most = 8, .globs = true,
	.growing = true, .captures = true };

static void
make_table(struct trial *t)
{
	t->table.len = 0;
	random_table(&t->table, random_below(12) == 0 ? &capturing : &plain);
	t->captures = memchr(t->table.s, '$', t->table.len) != NULL;
	t->lists = memchr(t->table.s, ',', t->table.len) != NULL;
	t->rules = random_rules(text_span(&t->table), NULL);
}

static void
fail_of(const struct trial *t, const char *what, uint32_t rule)
{
	fail_msg("%s, line %zu of%s%s%s\n%.*s", what,
	    rule == 0 ? 0 : rules_line(t->rules, rule),
	    t->options.delimiters == NULL ? "" : " -x +",
	    t->options.once ? " -1" : "",
	    t->options.domain.len > 0 ? " -u a" : "",
	    (int)t->table.len, t->table.s);
}

static void
note_finding(void *with, enum finding_kind kind, uint32_t rule,
    struct span message)
{
	struct trial *t = with;
	size_t n = t->n_reported[kind];

	if (n >= MOST_RULES)
		fail_of(t, "so many findings", rule);
	assert_true(message.len > 0);
	if (n > 0)
		assert_true(t->reported[kind][n - 1] <= rule);
	t->reported[kind][n] = rule;
	t->n_reported[kind]++;
}

static int
note_loop(void *with, const struct loop *loop)
{
	struct trial *t = with;
	size_t i, n = t->n_loops[loop->role]++;
	struct found_loop *found = &t->loops[loop->role][n];

	assert_true(n < MOST_LOOPS);
	assert_true(loop->count > 0 && loop->count <= MOST_HOPS);
	found->kind = loop->kind;
	found->count = loop->count;
	for (i = 0; i < loop->count; i++) {
		found->addresses[i].len = 0;
		found->rules[i] = loop->hops[i].rule;
		assert_int_equal(address_add(&found->addresses[i],
		    loop->hops[i].local, loop->hops[i].domain), 0);
	}
	return 0;
}

static void
look_for_mistakes(struct trial *t)
{
	static const struct router_options none;
	struct router_options once;
	const struct findings findings = { note_finding, t };

	t->options = none;
	t->options.delimiters = random_below(2) == 0 ? "+" : NULL;
	t->options.once = random_below(6) == 0;
	if (random_below(4) == 0)
		t->options.domain = span_of("a");
	once = t->options;
	once.once = true;
	memset(t->n_reported, 0, sizeof(t->n_reported));
	memset(t->n_loops, 0, sizeof(t->n_loops));
	assert_int_equal(check_rules(t->rules, &t->options, &findings), 0);
	assert_int_equal(loops_find(t->rules, &t->options, note_loop, t), 0);
	assert_non_null(t->router = router_new(t->rules, &t->options));
	assert_non_null(t->once = router_new(t->rules, &once));
}

static bool
is_reported(const struct trial *t, enum finding_kind kind, uint32_t rule)
{
	size_t i;

	for (i = 0; i < t->n_reported[kind]; i++)
		if (t->reported[kind][i] == rule)
			return true;
	return false;
}

/* The rule that the address comes under, as it is or in the domain of -u. */
static uint32_t
rule_of(const struct trial *t, enum role role, const struct address *a)
{
	struct query q = { .role = role, .domain = a->domain,
		.null = address_is_null(a),
		.delimiters = t->options.delimiters };
	struct text room = { 0 }, meaning = { 0 };
	struct match m;

	assert_int_equal(address_local(a->local, &meaning, &q.local), 0);
	if (q.domain.len == 0)
		q.domain = t->options.domain;
	assert_int_equal(match_find(t->rules, &q, &room, &m), 0);
	text_free(&room);
	text_free(&meaning);
	return m.rule;
}

static void
for_each_address(struct trial *t,
    void (*test)(struct trial *, enum role, const struct address *, void *),
    void *with)
{
	const struct address null = { span_of("<>"), span_of(""),
		span_of("") };
	struct address a;
	size_t i, j;

	for (i = 0; i < RANDOM_LOCALS; i++)
		for (j = 0; j < RANDOM_DOMAINS; j++) {
			a.mailbox = a.local = span_of(random_local(i));
			a.domain = span_of(random_domain(j));
			test(t, RECIPIENT, &a, with);
			test(t, SENDER, &a, with);
		}
	test(t, SENDER, &null, with);
}

static void
for_each_table(int tables, void (*test)(struct trial *))
{
	static struct trial t;
	int i;

	random_begin(SEED);
	for (i = 0; i < tables; i++) {
		make_table(&t);
		look_for_mistakes(&t);
		test(&t);
		router_free(t.router);
		router_free(t.once);
		rules_free(t.rules);
	}
	text_free(&t.table);
	for (i = 0; i < 2 * MOST_LOOPS * MOST_HOPS; i++)
		text_free(&t.loops[i / MOST_HOPS / MOST_LOOPS]
		    [i / MOST_HOPS % MOST_LOOPS].addresses[i % MOST_HOPS]);
}

/* Numbers of rules. */
struct rule_set {
	uint32_t rules[MOST_RULES];
	size_t count;
};

static bool
has_rule(const struct rule_set *set, uint32_t rule)
{
	size_t i;

	for (i = 0; i < set->count; i++)
		if (set->rules[i] == rule)
			return true;
	return false;
}

static void
put_rule(struct rule_set *set, uint32_t rule)
{
	if (rule == 0 || has_rule(set, rule))
		return;
	assert_true(set->count < MOST_RULES);
	set->rules[set->count++] = rule;
}

static void
put_rule_of(struct trial *t, enum role role, const struct address *a,
    void *with)
{
	put_rule(with, rule_of(t, role, a));
}

/* The alphabet has nothing below this domain. */
static bool
is_below_c(struct pattern p)
{
	return (p.scope == SCOPE_BELOW || p.scope == SCOPE_TREE) &&
	    p.domain.s[0] == 'c';
}

static void
test_unreachable(struct trial *t)
{
	struct rule_set reached = { .count = 0 };
	uint32_t rule;

	for_each_address(t, put_rule_of, &reached);
	for (rule = rules_first(t->rules); rule != 0;
	    rule = rules_after(t->rules, rule)) {
		if (rules_same(t->rules, rule) != 0)
			continue;
		if (is_below_c(rules_pattern(t->rules, rule)))
			continue;
		if (has_rule(&reached, rule) == is_reported(t,
		    FOUND_UNREACHABLE, rule))
			fail_of(t, "unreachable or not", rule);
	}
}

static void
rules_that_no_address_comes_under_are_found(void **state)
{
	(void)state;
	for_each_table(5000, test_unreachable);
}

static void
test_duplicates(struct trial *t)
{
	uint32_t rule, other;
	bool twice;

	for (rule = rules_first(t->rules); rule != 0;
	    rule = rules_after(t->rules, rule)) {
		twice = false;
		for (other = rules_first(t->rules); other != rule;
		    other = rules_after(t->rules, other)) {
			struct pattern p = rules_pattern(t->rules, rule);
			struct pattern q = rules_pattern(t->rules, other);

			twice = twice || (p.role == q.role &&
			    p.scope == q.scope && p.locals == q.locals &&
			    span_equal_fold(p.local, q.local) &&
			    span_equal(p.domain, q.domain));
		}
		if (twice != is_reported(t, FOUND_DUPLICATE, rule))
			fail_of(t, "a duplicate or not", rule);
	}
}

static void
rules_that_stand_there_twice_are_found(void **state)
{
	(void)state;
	for_each_table(500, test_duplicates);
}

/* Addresses that one leads to, step by step, and the rules on the ways. */
struct ways {
	struct rule_set rules;
	char addresses[MOST_VISITED][64];
	size_t count;
	bool cut;		/* there are more */
	size_t looped;		/* addresses that were in a loop */
};

static void
visit(struct ways *w, struct span local, struct span domain)
{
	struct text written = { 0 };
	size_t i;

	assert_int_equal(address_add(&written, local, domain), 0);
	assert_int_equal(text_add_byte(&written, '\0'), 0);
	for (i = 0; i < w->count; i++)
		if (span_equal_fold(span_of(w->addresses[i]),
		    span_of(written.s)))
			break;
	if (i < w->count)
		;
	else if (written.len > sizeof(w->addresses[0]) || i == MOST_VISITED)
		w->cut = true;
	else
		memcpy(w->addresses[w->count++], written.s, written.len);
	text_free(&written);
}

/* One step on from an address. */
static void
visit_targets(struct trial *t, enum role role, const struct address *a,
    struct ways *w)
{
	struct outcome o;
	struct hop hop;
	size_t i;

	assert_int_equal(router_route(t->once, role, a, &o), 0);
	for (i = 0; i < o.count && o.status == ROUTED; i++) {
		if (router_trail(t->once, &o.destinations[i], &hop, 1) == 0 ||
		    o.destinations[i].node == 0)
			continue;
		put_rule(&w->rules, hop.rule);
		visit(w, o.destinations[i].local, o.destinations[i].domain);
	}
}

static void
visit_all(struct trial *t, enum role role, const struct address *from,
    struct ways *w)
{
	struct address a;
	size_t i;

	w->count = w->rules.count = 0;
	w->cut = false;
	visit(w, from->local, from->domain);
	visit_targets(t, role, from, w);
	for (i = 1; i < w->count; i++)
		if (address_only(span_of(w->addresses[i]), &a))
			visit_targets(t, role, &a, w);
}

/* The address leads through all rules of a loop that was found. */
static bool
leads_to_loop(const struct trial *t, enum role role, const struct ways *w)
{
	const struct found_loop *loop;
	size_t i, j;

	for (i = 0; i < t->n_loops[role]; i++) {
		loop = &t->loops[role][i];
		for (j = 0; j < loop->count; j++)
			if (!has_rule(&w->rules, loop->rules[j]))
				break;
		if (j == loop->count)
			return true;
	}
	return false;
}

static bool
is_in_a_loop(const struct trial *t, enum role role, uint32_t rule)
{
	size_t i, j;

	for (i = 0; i < t->n_loops[role]; i++)
		for (j = 0; j < t->loops[role][i].count; j++)
			if (t->loops[role][i].rules[j] == rule)
				return true;
	return false;
}

static size_t missed, caught;

static void
test_loop_of(struct trial *t, enum role role, const struct address *a,
    void *with)
{
	struct ways *w = with;
	struct outcome o;

	/* What grows takes a thousand steps; a few of it will do. */
	if ((t->captures || t->options.delimiters != NULL) && w->looped > 2)
		return;
	assert_int_equal(router_route(t->router, role, a, &o), 0);
	if (o.status != LOOPED)
		return;
	w->looped++;
	visit_all(t, role, a, w);
	if (leads_to_loop(t, role, w) && (t->lists || t->captures ||
	    is_in_a_loop(t, role, o.rule))) {
		caught += t->captures;
		return;
	}
	if (t->captures) {
		missed++;
		return;
	}
	fail_of(t, "a loop was not found", o.rule);
}

/* Each hop leads to the next one, and the last to the first. */
static void
test_circle(struct trial *t, enum role role, const struct found_loop *loop)
{
	static struct ways w;
	const struct text *next;
	struct address a;
	struct outcome o;
	size_t i, j;

	for (i = 0; i < loop->count && loop->kind != LOOP_WHOLE; i++) {
		if (!address_only(text_span(&loop->addresses[i]), &a))
			fail_of(t, "no address in a loop", loop->rules[i]);
		if (rule_of(t, role, &a) != loop->rules[i])
			fail_of(t, "another rule in a loop", loop->rules[i]);
		if (i + 1 == loop->count && loop->kind != LOOP_CIRCLE)
			break;
		next = &loop->addresses[(i + 1) % loop->count];
		w.count = w.rules.count = 0;
		w.cut = false;
		visit_targets(t, role, &a, &w);
		for (j = 0; j < w.count; j++)
			if (span_equal_fold(text_span(next),
			    span_of(w.addresses[j])))
				break;
		if (j == w.count && !w.cut)
			fail_of(t, "not the next in a loop", loop->rules[i]);
	}
	assert_true(address_only(text_span(&loop->addresses[0]), &a));
	assert_int_equal(router_route(t->router, role, &a, &o), 0);
	if (o.status == ROUTED || (o.status == MISROUTED && !t->captures))
		fail_of(t, "this is no loop", loop->rules[0]);
}

static void
test_loops(struct trial *t)
{
	static struct ways w;
	size_t role, i;

	for (role = RECIPIENT; role <= SENDER; role++)
		for (i = 0; i < t->n_loops[role]; i++)
			test_circle(t, (enum role)role, &t->loops[role][i]);
	w.looped = 0;
	for_each_address(t, test_loop_of, &w);
}

static void
addresses_that_come_round_are_found(void **state)
{
	(void)state;
	for_each_table(5000, test_loops);
	/* Not all that captures make of an address can be foreseen. */
	assert_true(missed * 4 < caught);
}

/*
 * Each rule with $0 is tried from every domain that is rewritten, which has an
 * end where there are many of both; what comes first in the table is tried.
 */
static void
rules_with_the_whole_address_are_tried_from_many_domains(void **state)
{
	static struct trial t;
	const struct found_loop *loop = &t.loops[RECIPIENT][0];
	size_t i, n = 1001;

	(void)state;
	t.table.len = 0;
	for (i = 0; i < n; i++)
		assert_int_equal(text_printf(&t.table, "u%zu@%s.x  $0\n", i,
		    i == 0 ? "new" : "other"), 0);
	for (i = 0; i < n; i++)
		assert_int_equal(text_printf(&t.table, "d%zu.x  %s.x\n", i,
		    i == 0 ? "new" : "newer"), 0);
	assert_non_null(t.rules = random_rules(text_span(&t.table), NULL));
	assert_int_equal(loops_find(t.rules, &t.options, note_loop, &t), 0);
	assert_int_equal(t.n_loops[RECIPIENT], 1);
	assert_int_equal(loop->count, 2);
	assert_int_equal(rules_line(t.rules, loop->rules[0]), n + 1);
	assert_int_equal(rules_line(t.rules, loop->rules[1]), 1);
	rules_free(t.rules);
	text_free(&t.table);
	text_free(&t.loops[RECIPIENT][0].addresses[0]);
	text_free(&t.loops[RECIPIENT][0].addresses[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_that_no_address_comes_under_are_found),
		cmocka_unit_test(rules_that_stand_there_twice_are_found),
		cmocka_unit_test(addresses_that_come_round_are_found),
		cmocka_unit_test(
		    rules_with_the_whole_address_are_tried_from_many_domains),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
