/* Regular expressions, by example and by the definition of POSIX. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ere.h"

/* What came of it: "-", or the groups, each with a '|' behind it. */
static const char *
found(const struct ere *e, struct span text, struct text *shown)
{
	struct text room = { 0 };
	struct span groups[ERE_GROUPS];
	size_t i;
	int matched;

	for (i = 0; i < ERE_GROUPS; i++)
		groups[i] = span_of("of another match");
	shown->len = 0;
	assert_int_equal(text_add_span(&room, text), 0);
	matched = ere_match(e, &room);
	assert_int_equal(ere_find_groups(e, &room, groups), matched);
	if (matched == 0)
		assert_int_equal(text_add_byte(shown, '-'), 0);
	for (i = 1; matched == 1 && i <= ere_count_groups(e); i++)
		assert_true(i == ERE_GROUPS || text_printf(shown, "%.*s|",
		    (int)groups[i].len, groups[i].s) == 0);
	assert_int_equal(text_add_byte(shown, '\0'), 0);
	text_free(&room);
	return shown->s;
}

/* What is wrong with an expression, or "" if nothing is. */
static const char *
wrong_with(const char *expression)
{
	const char *why;
	struct ere *e = ere_compile(span_of(expression), &why);

	assert_true((e == NULL) == (why != NULL));
	ere_free(e);
	return why == NULL ? "" : why;
}

struct example {
	const char *expression, *text, *found;
};

static void
check_examples(const struct example *examples, size_t n)
{
	struct text shown = { 0 };
	const char *why, *got;
	struct ere *e;
	size_t i;

	for (i = 0; i < n; i++) {
		e = ere_compile(span_of(examples[i].expression), &why);
		assert_non_null(e);
		got = found(e, span_of(examples[i].text), &shown);
		if (strcmp(got, examples[i].found) != 0)
			fail_msg("/%s/ and \"%s\": %s", examples[i].expression,
			    examples[i].text, got);
		ere_free(e);
	}
	text_free(&shown);
}

#define CHECK(examples) \
	check_examples(examples, sizeof(examples) / sizeof(*examples))

static void
what_matches(void **state)
{
	static const struct example examples[] = {
		{ "b", "abc", "" }, { "b", "acd", "-" }, { "b", "", "-" },
		{ "^b", "abc", "-" }, { "^a", "abc", "" }, { "^", "", "" },
		{ "c$", "abc", "" }, { "b$", "abc", "-" }, { "$", "a", "" },
		{ "^abc$", "abc", "" }, { "^abc$", "ab", "-" },
		{ "^abc$", "bc", "-" }, { "^abc$", "abcc", "-" },
		{ "a^b", "a^b", "-" }, { "a$b", "a$b", "-" },
		{ "^^a$$", "a", "" }, { "x|^^b", "ab", "-" },
		{ "a.c", "abc", "" }, { "a.c", "ac", "-" },
		{ "^.$", "\n", "" }, { "a\\.c", "abc", "-" },
		{ "a\\.c", "a.c", "" }, { "^]}-$", "]}-", "" },
		{ "\\^\\$\\*\\+\\?\\{\\|\\(\\)\\[\\\\", "^$*+?{|()[\\", "" },
		{ "ab|cd", "xcd", "" }, { "ab|cd", "acbd", "-" },
		{ "^ab*c$", "ac", "" }, { "^ab*c$", "abbbc", "" },
		{ "^ab+c$", "ac", "-" }, { "^ab+c$", "abbc", "" },
		{ "^ab?c$", "ac", "" }, { "^ab?c$", "abbc", "-" },
		{ "^a{2}$", "a", "-" }, { "^a{2}$", "aa", "" },
		{ "^a{2}$", "aaa", "-" }, { "^a{2,}$", "a", "-" },
		{ "^a{2,}$", "aaaaa", "" }, { "^a{1,3}$", "", "-" },
		{ "^a{1,3}$", "aaa", "" }, { "^a{1,3}$", "aaaa", "-" },
		{ "^a{0,2}$", "", "" }, { "^a{0,2}$", "aaa", "-" },
		{ "^a{0,}b$", "b", "" }, { "^a{0,}b$", "aab", "" },
		{ "^xa{0}y$", "xy", "" }, { "^xa{0}y$", "xay", "-" },
		{ "^a{1}$", "a", "" }, { "^a{255}$", "a", "-" },
	};

	(void)state;
	CHECK(examples);
}

/* Of ASCII alone; a character is one of UTF-8, or a byte that is in none. */
static void
what_a_character_is(void **state)
{
	static const struct example examples[] = {
		{ "^aBc$", "AbC", "" }, { "^[A-C]$", "b", "" },
		{ "^[^a]$", "A", "-" }, { "^[[:upper:]]$", "a", "" },
		{ "^[[:lower:]]$", "A", "" }, { "^\xc3\xb6$", "\xc3\x96", "-" },
		{ "^.$", "\xc3\xb6", "" }, { "^..$", "\xc3\xb6", "-" },
		{ "^(.)(.)$", "\xe2\x82\xac\xf0\x9f\x98\x80",
		    "\xe2\x82\xac|\xf0\x9f\x98\x80|" },
		{ "^.$", "\xff", "" }, { "^..$", "\xc3(", "" },
		{ "^.{3}$", "\x80\x80\x80", "" }, { "^..$", "\xe2\x82", "" },
		{ "(.)$", "a\xe2\x82", "\x82|" }, { "(.)$", "a\x82", "\x82|" },
		{ "(.)$", "\x80\x80\x80\x80\x80", "\x80|" },
		{ "^\xc3\xb6+$", "\xc3\xb6\xc3\xb6", "" },
		{ "^\xc3\xb6+$", "\xc3\xb6\xb6", "-" },
		{ "\xff$", "a\xff", "" }, { "\xc3$", "\xc3\xb6", "-" },
		{ "^[\xc3\xa4\xc3\xb6]$", "\xc3\xb6", "" },
		{ "^[\xc3\xa4\xc3\xb6]$", "\xc3\xa5", "-" },
		{ "^[\xc3\xa4-\xc3\xb6]$", "\xc3\xa5", "" },
		{ "^[^\xc3\xa4-\xc3\xb6]$", "\xc3\xa5", "-" },
		{ "^[^\xc3\xa4-\xc3\xb6]$", "\xc3\xbc", "" },
		{ "^[x-\xc3\xb6]$", "z", "" }, { "^[x-\xc3\xb6]$", "w", "-" },
		{ "^[x-\xc3\xb6]$", "\xc2\x80", "" },
		{ "^[a\xe0-\xff]$", "\xe9", "" },
		{ "^[a\xe0-\xff]$", "\xc3\xa9", "-" },
	};

	(void)state;
	CHECK(examples);
}

static void
what_is_in_brackets(void **state)
{
	static const struct example examples[] = {
		{ "^[abc]$", "b", "" }, { "^[abc]$", "d", "-" },
		{ "^[^abc]$", "d", "" }, { "^[]x]$", "]", "" },
		{ "^[^]x]$", "]", "-" }, { "^[^]x]$", "y", "" },
		{ "^[a-]$", "-", "" },
		{ "^[a-c-]$", "-", "" }, { "^[-a]$", "-", "" },
		{ "^[%--]$", "+", "" }, { "^[a^]$", "^", "" },
		{ "^[\\]$", "\\", "" }, { "^[a.*]$", ".", "" },
		{ "^[a.*]$", "b", "-" }, { "^[[]$", "[", "" },
		{ "^[[.-.]z]$", "-", "" }, { "^[[=a=]]$", "a", "" },
		{ "^[[.a.]-[.c.]]$", "b", "" }, { "^[a-[.c.]]$", "b", "" },
		{ "^[[.\xc3\xb6.]]$", "\xc3\xb6", "" },
		{ "^[[.\xff.]]$", "\xff", "" },
		{ "^[[.\xff.]]$", "\xc3\xbf", "-" },
		{ "^[\xfe-[=\xff=]]$", "\xff", "" },
		{ "^[[:digit:]x]$", "7", "" }, { "^[[:digit:]x]$", "x", "" },
		{ "^[^[:digit:]]$", "7", "-" },
		{ "^[[:alpha:]]+$", "azAZ", "" }, { "[[:alpha:]]", "09_", "-" },
		{ "^[[:alnum:]]+$", "az09AZ", "" }, { "[[:alnum:]]", "_", "-" },
		{ "^[[:space:]]+$", "\t\n\v\f\r ", "" },
		{ "[[:space:]]", "a", "-" }, { "^[[:blank:]]+$", "\t ", "" },
		{ "[[:blank:]]", "\n", "-" }, { "[[:punct:]]", "aZ09 ", "-" },
		{ "^[[:punct:]]+$", "!/:@[`{~", "" },
		{ "^[[:print:]]+$", " a~", "" }, { "[[:print:]]", "\t", "-" },
		{ "^[[:graph:]]+$", "!a~", "" }, { "[[:graph:]]", " ", "-" },
		{ "^[[:cntrl:]]+$", "\1\37\177", "" },
		{ "[[:cntrl:]]", " ~", "-" },
		{ "^[[:xdigit:]]+$", "09afAF", "" },
		{ "[[:xdigit:]]", "gG", "-" },
		{ "[[:alpha:]]", "\xc3\xb6", "-" },
	};

	(void)state;
	CHECK(examples);
}

static void
what_groups_stand_for(void **state)
{
	static const struct example examples[] = {
		{ "^([a-z]+)\\.([a-z]+)@(.*)$", "jane.doe@x.org",
		    "jane|doe|x.org|" },
		/* The first takes the most, of the longest match. */
		{ "(a*)(a*)", "aaa", "aaa||" }, { "(a|ab)(c|bcd)", "abcd",
		    "a|bcd|" },
		{ "(a|ab)(c|bcd)(d*)", "abcd", "ab|c|d|" },
		{ "(b|ab)", "xab", "ab|" }, { "(a?)(ab)?", "ab", "|ab|" },
		{ "(x*)", "axx", "|" },
		/* The last time counts, and nothing of those before. */
		{ "^(a|b)*$", "aab", "b|" }, { "^((a)|(b))*$", "ba", "a|a||" },
		{ "^((a)|(b)){2}$", "ba", "a|a||" }, { "(a*)*", "b", "|" },
		{ "(a*)+", "aa", "aa|" }, { "(a*){2}", "aa", "|" },
		{ "(a*){1,2}", "aa", "aa|" }, { "(a*){0,2}", "aa", "aa|" },
		{ "^(a|ab|b)*$", "abb", "b|" }, { "^(.*a|b)*$", "babab", "b|" },
		{ "x(a){0}y", "xy", "|" }, { "(a)|(b)", "b", "|b|" },
		{ "(a|)b", "b", "|" }, { "()x(|y)", "xy", "|y|" },
		{ "a||b", "", "" }, { "(^|x)b", "b", "|" },
		{ "((((((((((a))))))))))", "a", "a|a|a|a|a|a|a|a|a|" },
		{ "(b){0}(((a)){2})", "aa", "|aa|a|a|" },
	};

	(void)state;
	CHECK(examples);
}

static void
what_is_no_expression(void **state)
{
	static const struct {
		const char *expression, *why;
	} wrong[] = {
		{ "a(b", "a '(' has no ')'" }, { "a)b", "a ')' has no '('" },
		{ "*a", "nothing before" }, { "a|+", "nothing before" },
		{ "(?:a)", "without '?'" }, { "(*a)", "nothing before" },
		{ "{2}", "nothing before" },
		{ "^*", "nothing before" }, { "a+?", "repeated again" },
		{ "a**", "repeated again" },
		{ "a{x}", "after '{' goes a number" },
		{ "a{,2}", "after '{' goes a number" },
		{ "a{", "after '{' goes a number" }, { "a{2", "has no '}'" },
		{ "a{2,", "has no '}'" }, { "a{2,3x", "has no '}'" },
		{ "a{256}", "255" }, { "a{256,}", "255" },
		{ "a{1,256}", "255" }, { "a{99999999999999999999}", "255" },
		{ "a{3,2}", "the lesser number" }, { "[a", "has no ']'" },
		{ "[]", "has no ']'" }, { "[^]", "has no ']'" },
		{ "[", "no ']'" },
		{ "[[:alpha:]", "has no ']'" }, { "[[:alpha]", "has no end" },
		{ "[[:alpha:", "has no end" }, { "[[:d]", "has no end" },
		{ "[[.a", "has no end" },
		{ "[[:letter:]]", "no such" },
		{ "[[:al:pha:]]", "no such" }, { "[[..]]", "one character" },
		{ "[[.ab.]]", "one character" },
		{ "[[=ab=]]", "one character" },
		{ "[a-[.bc.]]", "one character" },
		{ "[c-a]", "the lesser character" },
		{ "[+-[:digit:]]", "ends with a [:class:]" },
		{ "[a-", "has no ']'" }, { "[a-c", "has no ']'" },
		{ "a\\", "after the last" },
		{ "\\<a", "edge" }, { "a\\'", "edge" },
		{ "\\d", "[[:digit:]]" }, { "\\W", "[[:digit:]]" },
		{ "(a)\\1", "[[:digit:]]" },
		{ "(a{255}){20}", "too large" },
		{ "(a{255}){20,}", "too large" },
		{ "(a{255}){0,20}", "too large" },
		{ "a{2}{2}", "repeated again" }, { "a*|?", "nothing before" },
		{ "(a?)(?", "without '?'" }, { "a+^*", "nothing before" },
		{ "(((){255}){255}){2}", "too large" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		if (strstr(wrong_with(wrong[i].expression), wrong[i].why) ==
		    NULL)
			fail_msg("/%s/: %s", wrong[i].expression,
			    wrong_with(wrong[i].expression));
}

static void
any_byte_may_be_in_both(void **state)
{
	const char *why;
	struct ere *e = ere_compile((struct span){ "^a\\\0(.)[\0b]$", 12 },
	    &why);
	struct text shown = { 0 };

	(void)state;
	assert_non_null(e);
	assert_string_equal(found(e, (struct span){ "a\0c\0", 4 }, &shown),
	    "c|");
	assert_string_equal(found(e, (struct span){ "a\0cc", 4 }, &shown),
	    "-");
	ere_free(e);
	text_free(&shown);
}

/* Who tries one way after another is not done with these in a lifetime. */
static void
long_texts_are_matched_at_once(void **state)
{
	static const char *const expressions[] = { "^(x+x+)+y$", "(x*)*y",
		"(.*x|x)*y", "^((x|xx)+)+$|y", "(x?){200}x{200}y" };
	struct text text = { 0 }, shown = { 0 };
	const char *why;
	struct ere *e;
	size_t i;

	(void)state;
	while (text.len < 10000)
		assert_int_equal(text_add_byte(&text, 'x'), 0);
	assert_int_equal(text_add_byte(&text, 'z'), 0);
	for (i = 0; i < sizeof(expressions) / sizeof(*expressions); i++) {
		e = ere_compile(span_of(expressions[i]), &why);
		assert_non_null(e);
		assert_string_equal(found(e, text_span(&text), &shown), "-");
		ere_free(e);
	}
	text_free(&text);
	text_free(&shown);
}

/*
 * An expression made at random, as a tree, and what POSIX says of it, tried
 * in all ways: slow and short.
 */
enum kind { LETTER, ANY, NOT_A, BEGIN, END, BOTH, EITHER, GROUP, TIMES, KINDS };

struct node {
	enum kind kind;
	struct node *a, *b;
	size_t least, most;	/* times */
	size_t group;
	char letter;
};

enum { MOST_NODES = 64, NO_END = 1000 };

struct model {
	struct node nodes[MOST_NODES];
	size_t n, groups;
	struct text written;
	const char *text;
	size_t len;
	size_t from[MOST_NODES], to[MOST_NODES];	/* of each group */
	uint32_t seed;
};

static size_t
chance(struct model *m, size_t below)
{
	m->seed = m->seed * 1664525 + 1013904223;
	return (m->seed >> 8) % below;
}

static struct node *
new_node(struct model *m, enum kind kind)
{
	struct node *n = &m->nodes[m->n++];

	assert_true(m->n <= MOST_NODES);
	*n = (struct node){ .kind = kind };
	return n;
}

static void
write_down(struct model *m, const char *s)
{
	assert_int_equal(text_add(&m->written, s, strlen(s)), 0);
}

static struct node *make(struct model *, size_t depth);

static struct node *
make_leaf(struct model *m)
{
	static const char *const spelled[] = { "", ".", "[^a]", "^", "$" };
	char letter[] = { "abA"[chance(m, 3)], '\0' };
	struct node *n = new_node(m, chance(m, 12) < 7 ? LETTER :
	    (enum kind)chance(m, BOTH));

	n->letter = *letter;
	write_down(m, n->kind == LETTER ? letter : spelled[n->kind]);
	return n;
}

static struct node *
make_group(struct model *m, size_t depth)
{
	struct node *n = new_node(m, GROUP);

	n->group = ++m->groups;
	write_down(m, "(");
	n->a = make(m, depth);
	write_down(m, ")");
	return n;
}

static struct node *
make_times(struct model *m, size_t depth)
{
	static const struct {
		const char *spelled;
		size_t least, most;
	} times[] = { { "*", 0, NO_END }, { "+", 1, NO_END }, { "?", 0, 1 },
		{ "{2}", 2, 2 }, { "{1,2}", 1, 2 }, { "{0,2}", 0, 2 },
		{ "{2,}", 2, NO_END }, { "{0}", 0, 0 }, { "{2,4}", 2, 4 } };
	size_t i = chance(m, sizeof(times) / sizeof(*times));
	struct node *n = new_node(m, TIMES);

	n->a = make_group(m, depth);
	n->least = times[i].least;
	n->most = times[i].most;
	write_down(m, times[i].spelled);
	return n;
}

/* Alternatives stand in a group, by which they are told from what follows. */
static struct node *
make_either(struct model *m, size_t depth)
{
	struct node *group = new_node(m, GROUP);

	group->group = ++m->groups;
	group->a = new_node(m, EITHER);
	write_down(m, "(");
	group->a->a = make(m, depth);
	write_down(m, "|");
	group->a->b = make(m, depth);
	write_down(m, ")");
	return group;
}

static struct node *
make(struct model *m, size_t depth)
{
	struct node *n;

	if (depth == 0)
		return make_leaf(m);
	switch (chance(m, 6)) {
	case 0:
		return make_leaf(m);
	case 1:
	case 2:
		n = new_node(m, BOTH);
		n->a = make(m, depth - 1);
		n->b = make(m, depth - 1);
		return n;
	case 3:
		return make_either(m, depth - 1);
	default:
		return make_times(m, depth - 1);
	}
}

static bool spans(const struct model *, const struct node *, size_t, size_t);

/* Whether it is there from i to j, so many times at least and at most. */
static bool
repeats(const struct model *m, const struct node *n, size_t least,
    size_t most, size_t i, size_t j)
{
	size_t k, left = least == 0 ? 0 : least - 1;

	if (i == j && (least == 0 || spans(m, n, i, i)))
		return true;
	if (most == 0)
		return false;
	for (k = i + 1; k <= j; k++)
		if (spans(m, n, i, k) &&
		    repeats(m, n, left, most - 1, k, j))
			return true;
	return least > 0 && i < j && spans(m, n, i, i) &&
	    repeats(m, n, left, most - 1, i, j);
}

static bool
spans(const struct model *m, const struct node *n, size_t i, size_t j)
{
	size_t k;

	switch (n->kind) {
	case BEGIN:
		return i == j && i == 0;
	case END:
		return i == j && i == m->len;
	case BOTH:
		for (k = i; k <= j; k++)
			if (spans(m, n->a, i, k) && spans(m, n->b, k, j))
				return true;
		return false;
	case EITHER:
		return spans(m, n->a, i, j) || spans(m, n->b, i, j);
	case GROUP:
		return spans(m, n->a, i, j);
	case TIMES:
		return repeats(m, n->a, n->least, n->most, i, j);
	default:
		return j == i + 1 && (n->kind == ANY ||
		    (n->kind == NOT_A ? ascii_lower((unsigned char)m->text[i])
		    != 'a' : ascii_lower((unsigned char)m->text[i]) ==
		    ascii_lower((unsigned char)n->letter)));
	}
}

static void assign(struct model *, const struct node *, size_t, size_t);

static void
forget(struct model *m, const struct node *n)
{
	if (n == NULL)
		return;
	if (n->kind == GROUP)
		m->from[n->group] = m->to[n->group] = 0;
	forget(m, n->a);
	forget(m, n->b);
}

/* Each time takes the most that it can, but nothing only where it has to. */
static void
assign_times(struct model *m, const struct node *n, size_t i, size_t j)
{
	size_t k, least = n->least, most = n->most;

	if (i == j && n->most > 0 && spans(m, n->a, i, i))
		assign(m, n->a, i, i);
	while (i < j) {
		least -= least > 0;
		most--;
		for (k = j; !spans(m, n->a, i, k) ||
		    !repeats(m, n->a, least, most, k, j); k--)
			assert_true(k > i);
		assign(m, n->a, i, k);
		i = k;
		if (i == j && least > 0)
			assign(m, n->a, i, i);
	}
}

static void
assign(struct model *m, const struct node *n, size_t i, size_t j)
{
	size_t k;

	switch (n->kind) {
	case BOTH:
		for (k = j; !spans(m, n->a, i, k) || !spans(m, n->b, k, j); k--)
			assert_true(k > i);
		assign(m, n->a, i, k);
		assign(m, n->b, k, j);
		break;
	case EITHER:
		assign(m, spans(m, n->a, i, j) ? n->a : n->b, i, j);
		break;
	case GROUP:
		forget(m, n);
		m->from[n->group] = i;
		m->to[n->group] = j;
		assign(m, n->a, i, j);
		break;
	case TIMES:
		assign_times(m, n, i, j);
		break;
	default:
		break;
	}
}

/* The match that begins first, and of these the longest; shown as found(). */
static void
show_model(struct model *m, const struct node *root, struct text *shown)
{
	size_t i, j;

	shown->len = 0;
	memset(m->from, 0, sizeof(m->from));
	memset(m->to, 0, sizeof(m->to));
	for (i = 0; i <= m->len; i++)
		for (j = m->len + 1; j-- > i; ) {
			if (!spans(m, root, i, j))
				continue;
			assign(m, root, i, j);
			for (i = 1; i <= m->groups && i < ERE_GROUPS; i++)
				assert_int_equal(text_printf(shown, "%.*s|",
				    (int)(m->to[i] - m->from[i]),
				    m->text + m->from[i]), 0);
			return;
		}
	assert_int_equal(text_add_byte(shown, '-'), 0);
}

static void
random_expressions_match_as_posix_defines(void **state)
{
	struct text got = { 0 }, wanted = { 0 };
	struct model m = { .seed = 1 };
	const struct node *root;
	const char *why;
	char text[8];
	struct ere *e;
	size_t tried, hits = 0;

	(void)state;
	for (tried = 0; tried < 40000; tried++) {
		m.n = m.groups = m.written.len = 0;
		root = make(&m, 3);
		e = ere_compile(text_span(&m.written), &why);
		assert_non_null(e);
		m.text = text;
		for (m.len = 0; m.len < 6; m.len++)
			text[m.len] = "abAc"[chance(&m, 4)];
		m.len = chance(&m, 7);
		show_model(&m, root, &wanted);
		hits += *wanted.s != '-';
		assert_int_equal(text_add_byte(&wanted, '\0'), 0);
		found(e, (struct span){ text, m.len }, &got);
		if (strcmp(got.s, wanted.s) != 0)
			fail_msg("/%.*s/ and \"%.*s\": %s, not %s",
			    (int)m.written.len, m.written.s, (int)m.len, text,
			    got.s, wanted.s);
		ere_free(e);
	}
	/* Neither all of them nor none. */
	assert_in_range(hits, 10000, 35000);
	text_free(&m.written);
	text_free(&got);
	text_free(&wanted);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_matches),
		cmocka_unit_test(what_a_character_is),
		cmocka_unit_test(what_is_in_brackets),
		cmocka_unit_test(what_groups_stand_for),
		cmocka_unit_test(what_is_no_expression),
		cmocka_unit_test(any_byte_may_be_in_both),
		cmocka_unit_test(long_texts_are_matched_at_once),
		cmocka_unit_test(random_expressions_match_as_posix_defines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
