#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "random_table.h"
#include "table.h"

static uint32_t state;

void
random_begin(uint32_t seed)
{
	state = seed * 2654435761u + 1;
}

uint32_t
random_below(uint32_t n)
{
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state % n;
}

static void
add(struct text *t, const char *words)
{
	assert_int_equal(text_add_span(t, span_of(words)), 0);
}

static void
add_domain(struct text *t)
{
	static const char *const names[] = { "a", "b", "a.b", "b.a", "a.a",
		"b.b", "c" };

	add(t, names[random_below(7)]);
}

/* What can be captured. */
struct stars {
	unsigned int count;
	bool any;		/* any domain */
	bool everything;	/* any address */
};

static struct stars
add_pattern(struct text *t, bool globs)
{
	static const char *const forms[] = { "", "x", "y", "x+y", "*", "x*",
		"*y", "x*y", "*x*", "x+*", "**", "x*x", "*+*" };
	static const unsigned char stars[] = { 0, 0, 0, 0, 1, 1, 1, 1, 2, 1, 2,
		1, 2 };
	static const char *const scopes[] = { "", "", "*.", ".", "*" };
	uint32_t form = random_below(3) == 0 ? 0 :
	    random_below(globs ? 13 : 4);
	uint32_t scope = random_below(5);

	if (random_below(20) == 0) {
		add(t, "*");
		return (struct stars){ 1, true, true };
	}
	if (scope == 4 && form == 0)
		form = 1;
	add(t, forms[form]);
	if (form > 0)
		add(t, "@");
	add(t, scopes[scope]);
	if (scope < 4)
		add_domain(t);
	return (struct stars){ stars[form] +
		(scope == 2 || scope == 4 ? 1u : 0u), scope == 4, false };
}

/*
 * Where all domains are captured, nothing that makes them longer: such ways
 * have no end, and take as long as one can be.
 */
static void
add_captured(struct text *t, struct stars stars)
{
	static const char *const forms[] = { "$0", "$1", "y$1@a", "$1@a.b",
		"$1.b", "b.$1", "$2.a", "$2@b", "x@$2", "$1+$2@a" };

	add(t, forms[stars.count == 0 ? 0 : random_below(stars.everything ?
	    2 : stars.any ? 4 : stars.count == 1 ? 6 : 10)]);
}

/* What makes an address longer where it comes round, and what does not. */
static void
add_growing(struct text *t, struct stars stars)
{
	static const char *const forms[] = { "$0", "\"$0\"@a", "$1", "$1.b",
		"b.$1", "y$1@a", "$1@a.b", "$2.a", "$2@b", "x@$2", "$1+$2@a" };

	add(t, forms[random_below(stars.count == 0 ? 2 : stars.count == 1 ?
	    7 : 11)]);
}

static void
add_target(struct text *t, const struct random_table *what, bool captures,
    struct stars stars)
{
	static const char *const users[] = { "x@", "y@", "xy@", "y@" };

	if (captures && random_below(3) == 0) {
		if (what->growing)
			add_growing(t, stars);
		else
			add_captured(t, stars);
		return;
	}
	if (random_below(what->growing ? 8 : 32) == 0)
		add(t, "x+y@");
	else if (random_below(2) == 0)
		add(t, users[random_below(4)]);
	add_domain(t);
}

static void
add_route(struct text *t, const struct random_table *what, bool sender,
    struct stars stars)
{
	static const char *const finals[] = { "keep", "inbound",
		"forward:h.example", "reject:No", "discard" };
	bool captures = what->captures;
	uint32_t i, n;

	if (random_below(3) == 0) {
		add(t, finals[sender ? 0 : random_below(5)]);
		return;
	}
	n = sender || random_below(6) > 0 ? 1 : 2 + random_below(2);
	/* What branches at each of many labels takes its time. */
	if (n > 1 && !what->growing)
		captures = captures && random_below(8) == 0;
	for (i = 0; i < n; i++) {
		if (i > 0)
			add(t, ",");
		add_target(t, what, captures, stars);
	}
}

void
random_rule(struct text *t, const struct random_table *what)
{
	bool sender = random_below(6) == 0;
	struct stars stars;

	if (sender)
		add(t, "from:");
	if (sender && random_below(8) == 0) {
		add(t, "<> x@b\n");
		return;
	}
	stars = add_pattern(t, what->globs);
	add(t, " ");
	add_route(t, what, sender, stars);
	add(t, "\n");
}

void
random_table(struct text *t, const struct random_table *what)
{
	uint32_t i, n = 1 + random_below(what->most);

	for (i = 0; i < n; i++)
		random_rule(t, what);
}

static void
count(void *with, const char *file, size_t line, struct span message)
{
	++*(size_t *)with;
	(void)file;
	(void)line;
	(void)message;
}

struct rules *
read_rules_from(int fd, const struct table_errors *errors)
{
	struct rules *rules = rules_new();
	struct input in;

	assert_non_null(rules);
	assert_int_equal(input_open(&in, fd, NULL), 0);
	assert_int_equal(table_read(rules, &in, "t", errors), 0);
	input_free(&in);
	return rules;
}

struct rules *
read_rules(struct span table, const struct table_errors *errors)
{
	FILE *f = tmpfile();
	struct rules *rules;

	assert_non_null(f);
	assert_int_equal(fwrite(table.s, 1, table.len, f), table.len);
	rewind(f);
	rules = read_rules_from(fileno(f), errors);
	fclose(f);
	return rules;
}

struct rules *
random_rules(struct span table, size_t *left_out)
{
	size_t found = 0;
	const struct table_errors errors = { count, &found };
	struct rules *rules = read_rules(table, &errors);

	if (left_out != NULL)
		*left_out = found;
	return rules;
}

const char *
random_local(size_t n)
{
	static const char *const locals[RANDOM_LOCALS] = { "x", "y", "q", "xq",
		"qy", "xy", "xqy", "xqx", "xyx", "x+y", "x+q", "q+q", "q+y",
		"yx", "y+q", "+q", "x+qy" };

	return locals[n];
}

/* One to three labels of a, b, and d, which no table names. */
const char *
random_domain(size_t n)
{
	static const char labels[] = "abd";
	static char domain[8];
	size_t i, count = n == 0 ? 0 : n < 4 ? 1 : n < 13 ? 2 : n < 40 ? 3 : 4;

	if (count == 4)
		return "c";
	n -= count == 0 ? 0 : count == 1 ? 1 : count == 2 ? 4 : 13;
	for (i = 0; i < count; i++, n /= 3) {
		domain[2 * i] = labels[n % 3];
		domain[2 * i + 1] = '.';
	}
	domain[count == 0 ? 0 : 2 * count - 1] = '\0';
	return domain;
}
