#include <stdlib.h>
#include <string.h>

#include "ere_parse.h"

/*
 * What a '(' began and no ')' has ended yet; the first is for the whole.  Its
 * operands are the last trees among the nodes, those of its alternatives that
 * are done before those of the one that is being read.
 */
struct level {
	uint32_t group;
	size_t alternatives;	/* that are done */
	size_t operands;	/* of the one being read */
};

struct parser {
	struct ere_tree *tree;
	const char *begin, *s, *end;
	struct level *levels;
	size_t n_levels, size_levels;
	bool repeatable;	/* what was read last */
	bool repeated;		/* it is a repetition */
	const char *why;	/* it cannot be; NULL: there is no memory */
};

/* A set in the making: ASCII by bits, then whether it is all others instead. */
enum { SET_BITS = 4, SET_FLAGS = SET_BITS, SET_RANGES };

/* Says what is wrong; false, for the caller to return. */
static bool
wrong(struct parser *p, const char *why)
{
	p->why = why;
	return false;
}

size_t
ere_first_char(struct span s, uint32_t *c)
{
	unsigned char byte = (unsigned char)*s.s;
	size_t len = 0;
	long point;

	if (byte < 0x80) {
		*c = ascii_lower(byte);
		return 1;
	}
	if ((len = utf8_point(s, &point)) > 0) {
		*c = (uint32_t)point;
		return len;
	}
	*c = ERE_BYTES + byte;
	return 1;
}

/* No character of UTF-8 ends with what another one begins with. */
size_t
ere_last_char(struct span s, uint32_t *c)
{
	size_t len = 1;

	while (len < s.len && len < 4 &&
	    ((unsigned char)s.s[s.len - len] & 0xc0) == 0x80)
		len++;
	if (ere_first_char((struct span){ s.s + s.len - len, len }, c) == len)
		return len;
	return ere_first_char((struct span){ s.s + s.len - 1, 1 }, c);
}

bool
ere_set_holds(const uint32_t *set, uint32_t c)
{
	bool others = (set[SET_FLAGS] & 1) != 0;
	uint32_t i, n = set[SET_FLAGS] >> 1;

	if (c < 0x80)
		return (set[c / 32] >> c % 32 & 1) != others;
	for (i = 0, set += SET_RANGES; i < n; i++, set += 2)
		if (c >= set[0] && c <= set[1])
			return !others;
	return others;
}

static bool
put_node(struct parser *p, struct ere_node node)
{
	struct ere_tree *t = p->tree;
	struct ere_node *grown;

	if (t->n_nodes == ERE_MOST_NODES)
		return wrong(p, "it is too large; make several rules of it");
	grown = array_grow(t->nodes, &t->size_nodes, t->n_nodes,
	    sizeof(*grown));
	if (grown == NULL)
		return false;
	t->nodes = grown;
	grown[t->n_nodes++] = node;
	return true;
}

/* How many parts a node has, and how many steps besides theirs. */
static const struct {
	unsigned char parts, steps;
} kinds[] = {
	[ERE_EMPTY] = { 0, 0 }, [ERE_CHAR] = { 0, 1 }, [ERE_ANY] = { 0, 1 },
	[ERE_SET] = { 0, 1 }, [ERE_BEGIN] = { 0, 1 }, [ERE_END] = { 0, 1 },
	[ERE_GROUP] = { 1, 0 }, [ERE_CAT] = { 2, 0 }, [ERE_ALT] = { 2, 2 },
	[ERE_PLUS] = { 1, 1 },
};

/* Its parts are the trees that were added last. */
static bool
add_node(struct parser *p, enum ere_op op, uint32_t c)
{
	const struct ere_tree *t = p->tree;
	struct ere_node new = { op, c, 1, kinds[op].steps };
	const struct ere_node *below;
	size_t i;

	for (i = 0; i < kinds[op].parts; i++) {
		below = &t->nodes[t->n_nodes - new.nodes];
		new.nodes += below->nodes;
		new.steps += below->steps;
	}
	return put_node(p, new);
}

static bool
add_nodes(struct parser *p, enum ere_op op, size_t n)
{
	for (; n > 0; n--)
		if (!add_node(p, op, 0))
			return false;
	return true;
}

/* Once more what n nodes from that one on are. */
static bool
copy_nodes(struct parser *p, size_t first, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!put_node(p, p->tree->nodes[first + i]))
			return false;
	return true;
}

static struct level *
level(struct parser *p)
{
	return &p->levels[p->n_levels - 1];
}

static bool
open_level(struct parser *p, uint32_t group)
{
	struct level *grown = array_grow(p->levels, &p->size_levels,
	    p->n_levels, sizeof(*grown));

	if (grown == NULL)
		return false;
	p->levels = grown;
	grown[p->n_levels++] = (struct level){ .group = group };
	p->repeatable = p->repeated = false;
	return true;
}

/* Something that stands by itself was read. */
static bool
add_operand(struct parser *p, enum ere_op op, uint32_t c)
{
	level(p)->operands++;
	p->repeatable = op != ERE_BEGIN && op != ERE_END;
	p->repeated = false;
	return add_node(p, op, c);
}

/* Each part takes the most that it can, before those that follow it. */
static bool
end_alternative(struct parser *p)
{
	size_t n = level(p)->operands;

	level(p)->operands = 0;
	level(p)->alternatives++;
	p->repeatable = p->repeated = false;
	return n == 0 ? add_node(p, ERE_EMPTY, 0) :
	    add_nodes(p, ERE_CAT, n - 1);
}

static bool
end_alternatives(struct parser *p)
{
	return end_alternative(p) &&
	    add_nodes(p, ERE_ALT, level(p)->alternatives - 1);
}

static bool
close_level(struct parser *p)
{
	uint32_t group = level(p)->group;

	if (p->n_levels == 1)
		return wrong(p, "a ')' has no '('; '\\)' is the character");
	if (!end_alternatives(p))
		return false;
	p->n_levels--;
	return add_operand(p, ERE_GROUP, group);
}

/* The tree that was read last, or nothing. */
static bool
make_optional(struct parser *p)
{
	return add_node(p, ERE_EMPTY, 0) && add_node(p, ERE_ALT, 0);
}

/*
 * Of n nodes from that one on, which are there once, at least so many and at
 * most so many; least is not 0.  What is beyond the least is not there rather
 * than empty: in (a*){1,2} the group is what was there once.
 */
static bool
repeat(struct parser *p, size_t first, size_t n, size_t least, size_t most)
{
	size_t i;

	for (i = 1; i < least; i++)
		if (!copy_nodes(p, first, n))
			return false;
	for (i = least; i < most; i++)
		if (!add_node(p, ERE_EMPTY, 0) || !copy_nodes(p, first, n))
			return false;
	for (i = least; i < most; i++)
		if ((i > least && !add_node(p, ERE_CAT, 0)) ||
		    !add_node(p, ERE_ALT, 0))
			return false;
	return add_nodes(p, ERE_CAT, least - 1 + (most > least));
}

enum { MOST_TIMES = 255, NO_END = MOST_TIMES + 1 };	/* RE_DUP_MAX */

/* At most NO_END; false if there is no number. */
static bool
number(struct parser *p, size_t *n)
{
	const char *s = p->s;

	for (*n = 0; p->s < p->end && ascii_digit((unsigned char)*p->s); p->s++)
		if (*n < NO_END)
			*n = *n * 10 + (size_t)(*p->s - '0');
	if (*n > NO_END)
		*n = NO_END;
	return p->s > s;
}

static bool
is_next(struct parser *p, char c)
{
	if (p->s == p->end || *p->s != c)
		return false;
	p->s++;
	return true;
}

/* The rest of "{n}", "{n,}" or "{n,m}". */
static bool
bounds(struct parser *p, size_t *least, size_t *most)
{
	bool open = false;

	if (!number(p, least))
		return wrong(p, "after '{' goes a number; "
		    "'\\{' is the character");
	*most = *least;
	if (is_next(p, ',') && !number(p, most)) {
		*most = NO_END;
		open = true;
	}
	if (!is_next(p, '}'))
		return wrong(p, "a '{' has no '}'; '\\{' is the character");
	if (*least > MOST_TIMES || (*most > MOST_TIMES && !open))
		return wrong(p, "255 times is the most");
	if (*least > *most)
		return wrong(p, "in {n,m} the lesser number goes first");
	return true;
}

/* The last operand, from the least times on, without an end. */
static bool
repeat_on(struct parser *p, size_t first, size_t n, size_t least)
{
	size_t i;

	for (i = 1; i < least; i++)
		if (!copy_nodes(p, first, n))
			return false;
	return add_node(p, ERE_PLUS, 0) &&
	    add_nodes(p, ERE_CAT, least == 0 ? 0 : least - 1) &&
	    (least > 0 || make_optional(p));
}

/* It has a meaning in Perl, where "(?" begins what is no group. */
static bool
not_repeatable(struct parser *p)
{
	if (p->repeated)
		return wrong(p, "what is repeated already is repeated again; "
		    "put it in '()', or leave one out");
	if (p->s - p->begin >= 2 && p->s[-2] == '(' && p->s[-1] == '?')
		return wrong(p, "a group begins with '(' alone, without '?'; "
		    "case is ignored anyway");
	return wrong(p, "there is nothing before a '*', '+', '?' or '{' to "
	    "repeat; a '\\' before it makes it a character");
}

static bool
repetition(struct parser *p, char c)
{
	struct ere_tree *t = p->tree;
	size_t least = c == '+', most = c == '?' ? 1 : NO_END, n, first;

	if (!p->repeatable)
		return not_repeatable(p);
	if (c == '{' && !bounds(p, &least, &most))
		return false;
	p->repeatable = false;
	p->repeated = true;
	n = t->nodes[t->n_nodes - 1].nodes;
	first = t->n_nodes - n;
	if (most == 0) {
		t->n_nodes = first;
		return add_node(p, ERE_EMPTY, 0);
	}
	if (most == NO_END)
		return repeat_on(p, first, n, least);
	return repeat(p, first, n, least == 0 ? 1 : least, most) &&
	    (least > 0 || make_optional(p));
}

static bool
add_word(struct parser *p, uint32_t word)
{
	struct ere_tree *t = p->tree;
	uint32_t *grown = array_grow(t->sets, &t->size_sets, t->n_sets,
	    sizeof(*grown));

	if (grown == NULL)
		return false;
	t->sets = grown;
	grown[t->n_sets++] = word;
	return true;
}

/* Adds what of a range is in ASCII. */
static void
add_ascii(uint32_t *set, uint32_t from, uint32_t to)
{
	unsigned char lower;
	uint32_t c;

	for (c = from; c <= to && c < 0x80; c++) {
		lower = ascii_lower((unsigned char)c);
		set[lower / 32] |= (uint32_t)1 << lower % 32;
	}
}

/* Adds to the last set, which begins there. */
static bool
add_range(struct parser *p, size_t set, uint32_t from, uint32_t to)
{
	add_ascii(p->tree->sets + set, from, to);
	if (to < 0x80)
		return true;
	p->tree->sets[set + SET_FLAGS] += 2;
	return add_word(p, from < 0x80 ? 0x80 : from) && add_word(p, to);
}

/* The character classes of the POSIX locale (XBD 7.3.1), as ranges. */
static const struct {
	const char *name;
	size_t n;
	unsigned char ranges[8];
} classes[] = {
	{ "alpha", 2, "AZaz" }, { "digit", 1, "09" }, { "alnum", 3, "09AZaz" },
	{ "upper", 1, "AZ" }, { "lower", 1, "az" }, { "space", 2, "\t\r  " },
	{ "blank", 2, "\t\t  " }, { "punct", 4, "!/:@[`{~" },
	{ "print", 1, " ~" }, { "graph", 1, "!~" },
	{ "cntrl", 2, { 0, 31, 127, 127 } }, { "xdigit", 3, "09AFaf" },
};

static bool
add_class(struct parser *p, size_t set, struct span name)
{
	size_t i, j;

	for (i = 0; i < sizeof(classes) / sizeof(*classes); i++) {
		if (!span_equal(name, span_of(classes[i].name)))
			continue;
		for (j = 0; j < 2 * classes[i].n; j += 2)
			add_ascii(p->tree->sets + set, classes[i].ranges[j],
			    classes[i].ranges[j + 1]);
		return true;
	}
	return wrong(p, "there is no such class; there are alpha, digit, "
	    "alnum, upper, lower, space, blank, punct, print, graph, cntrl "
	    "and xdigit");
}

/* A character as it is written, not in lower case. */
static uint32_t
take_char(struct parser *p)
{
	unsigned char byte = (unsigned char)*p->s;
	uint32_t c;

	p->s += ere_first_char(span_between(p->s, p->end), &c);
	return byte < 0x80 ? byte : c;
}

/* Behind "[:", "[=" or "[.", up to the same mark and "]". */
static bool
take_named(struct parser *p, char mark, struct span *name)
{
	const char *s = p->s;

	for (; p->end - p->s >= 2; p->s++)
		if (p->s[0] == mark && p->s[1] == ']') {
			*name = span_between(s, p->s);
			p->s += 2;
			return true;
		}
	return wrong(p, "a '[:', '[=' or '[.' has no end");
}

/* A character in brackets, or one by itself as "[.x.]" or "[=x=]". */
static bool
set_char(struct parser *p, uint32_t *c)
{
	struct span name;
	uint32_t lower;

	if (p->end - p->s < 2 || *p->s != '[' ||
	    (p->s[1] != '.' && p->s[1] != '=')) {
		*c = take_char(p);
		return true;
	}
	p->s += 2;
	if (!take_named(p, p->s[-1], &name))
		return false;
	if (name.len == 0 || ere_first_char(name, &lower) != name.len)
		return wrong(p, "in '[.x.]' and '[=x=]' stands one character");
	*c = (unsigned char)*name.s < 0x80 ? (unsigned char)*name.s : lower;
	return true;
}

/* A range goes on to what is behind a '-' that is not the last. */
static bool
set_member(struct parser *p, size_t set)
{
	struct span name;
	uint32_t from, to;

	if (p->end - p->s >= 2 && p->s[0] == '[' && p->s[1] == ':') {
		p->s += 2;
		return take_named(p, ':', &name) && add_class(p, set, name);
	}
	if (!set_char(p, &from))
		return false;
	to = from;
	if (p->end - p->s >= 2 && p->s[0] == '-' && p->s[1] != ']') {
		p->s++;
		if (p->end - p->s >= 2 && p->s[0] == '[' && p->s[1] == ':')
			return wrong(p, "a range ends with a [:class:]; "
			    "a '-' that is meant goes last");
		if (!set_char(p, &to))
			return false;
	}
	if (to < from)
		return wrong(p, "in a range the lesser character goes first");
	return add_range(p, set, from, to);
}

/* A bracket expression (XBD 9.3.5), behind its '['. */
static bool
bracket(struct parser *p)
{
	size_t set = p->tree->n_sets, i;
	bool first = true;

	for (i = 0; i < SET_BITS; i++)
		if (!add_word(p, 0))
			return false;
	if (!add_word(p, is_next(p, '^')))
		return false;
	for (; p->s < p->end && (first || *p->s != ']'); first = false)
		if (!set_member(p, set))
			return false;
	if (!is_next(p, ']'))
		return wrong(p, "a '[' has no ']'; '\\[' is the character");
	return add_operand(p, ERE_SET, (uint32_t)set);
}

/* What other programs have, POSIX has not: \d, \w, \b, \1. */
static bool
escape(struct parser *p)
{
	unsigned char c;
	uint32_t point;

	if (p->s == p->end)
		return wrong(p, "there is nothing after the last '\\'");
	c = (unsigned char)*p->s;
	if (ascii_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z'))
		return wrong(p, "a '\\' before a letter or digit means "
		    "nothing; classes are written as [[:digit:]]");
	if (c != '\0' && strchr("<>`'", (char)c) != NULL)
		return wrong(p, "a '\\' before one of <>`' is no edge of a "
		    "word or text; '^' and '$' are those of the address");
	p->s += ere_first_char(span_between(p->s, p->end), &point);
	return add_operand(p, ERE_CHAR, point);
}

static bool
plain_char(struct parser *p)
{
	uint32_t c;

	p->s += ere_first_char(span_between(p->s, p->end), &c);
	return add_operand(p, ERE_CHAR, c);
}

/* One character that means something, and what belongs to it. */
static bool
piece(struct parser *p)
{
	char c = *p->s;

	if (strchr("(|)*+?{.[^$\\", c) == NULL || c == '\0')
		return plain_char(p);
	p->s++;
	switch (c) {
	case '(':
		return open_level(p, ++p->tree->groups);
	case '|':
		return end_alternative(p);
	case ')':
		return close_level(p);
	case '.':
		return add_operand(p, ERE_ANY, 0);
	case '[':
		return bracket(p);
	case '^':
		return add_operand(p, ERE_BEGIN, 0);
	case '$':
		return add_operand(p, ERE_END, 0);
	case '\\':
		return escape(p);
	default:
		return repetition(p, c);
	}
}

static bool
expression(struct parser *p)
{
	if (!open_level(p, 0))
		return false;
	while (p->s < p->end)
		if (!piece(p))
			return false;
	if (p->n_levels > 1)
		return wrong(p, "a '(' has no ')'; '\\(' is the character");
	return end_alternatives(p);
}

int
ere_parse(struct span s, struct ere_tree *tree, const char **why)
{
	struct parser p = { .tree = tree, .begin = s.s, .s = s.s,
		.end = s.s + s.len };
	bool done = expression(&p);

	free(p.levels);
	*why = p.why;
	return done ? 0 : -1;
}

void
ere_free_tree(struct ere_tree *tree)
{
	free(tree->nodes);
	free(tree->sets);
}
