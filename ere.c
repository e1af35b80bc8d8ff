#include <stdlib.h>
#include <string.h>

#include "ere.h"
#include "ere_parse.h"

/*
 * A nondeterministic automaton, which is simulated, as by K. Thompson (1968).
 * An expression is a program, for a text that is read from its beginning, and
 * another one, for one that is read from its end.  In either of them each node
 * of the tree has a place of its own, with all that is below it; what gets
 * from there to what follows it has matched.
 */
enum op { CHAR, ANY, SET, BEGIN, END, JUMP, FORK, DONE };

struct step {
	enum op op;
	uint32_t c;		/* of these, or where JUMP and FORK lead */
};

enum way { FORWARD, BACKWARD, WAYS };

struct ere {
	struct ere_tree tree;
	uint32_t *places[WAYS];	/* of each node, in the program */
	struct step *programs[WAYS];
	uint32_t steps;		/* of either */
};

/* The node that is the first part, if there are two, of the one at n. */
static uint32_t
first_part(const struct ere *e, uint32_t n)
{
	return n - 1 - e->tree.nodes[n - 1].nodes;
}

static void
write_alternatives(struct ere *e, enum way way, uint32_t n)
{
	uint32_t at = e->places[way][n], first = first_part(e, n);
	uint32_t second = at + 2 + e->tree.nodes[first].steps;

	e->programs[way][at] = (struct step){ FORK, second };
	e->places[way][first] = at + 1;
	e->programs[way][second - 1] = (struct step){ JUMP,
		at + e->tree.nodes[n].steps };
	e->places[way][n - 1] = second;
}

static void
place_sequence(struct ere *e, enum way way, uint32_t n)
{
	uint32_t at = e->places[way][n], first = first_part(e, n);
	uint32_t before = way == FORWARD ? first : n - 1;
	uint32_t behind = way == FORWARD ? n - 1 : first;

	e->places[way][before] = at;
	e->places[way][behind] = at + e->tree.nodes[before].steps;
}

/* The steps of one node, and where the nodes are that it consists of. */
static void
write_node(struct ere *e, enum way way, uint32_t n)
{
	static const enum op ops[] = { [ERE_CHAR] = CHAR, [ERE_ANY] = ANY,
		[ERE_SET] = SET, [ERE_BEGIN] = BEGIN, [ERE_END] = END };
	const struct ere_node *node = &e->tree.nodes[n];
	uint32_t at = e->places[way][n];

	switch (node->op) {
	case ERE_EMPTY:
		break;
	case ERE_CAT:
		place_sequence(e, way, n);
		break;
	case ERE_ALT:
		write_alternatives(e, way, n);
		break;
	case ERE_PLUS:
		e->programs[way][at + node->steps - 1] =
		    (struct step){ FORK, at };
		/* FALLTHROUGH */
	case ERE_GROUP:
		e->places[way][n - 1] = at;
		break;
	default:
		e->programs[way][at] = (struct step){ ops[node->op], node->c };
	}
}

static bool
write_program(struct ere *e, enum way way)
{
	uint32_t n = (uint32_t)e->tree.n_nodes;

	if ((e->places[way] = calloc(n, sizeof(uint32_t))) == NULL ||
	    (e->programs[way] = calloc((size_t)e->steps + 1,
	    sizeof(struct step))) == NULL)
		return false;
	while (n-- > 0)
		write_node(e, way, n);
	e->programs[way][e->steps].op = DONE;
	return true;
}

struct ere *
ere_compile(struct span s, const char **why)
{
	struct ere *e = calloc(1, sizeof(*e));

	*why = NULL;
	if (e == NULL)
		return NULL;
	if (ere_parse(s, &e->tree, why) == 0) {
		e->steps = e->tree.nodes[e->tree.n_nodes - 1].steps;
		if (write_program(e, FORWARD) && write_program(e, BACKWARD))
			return e;
	}
	ere_free(e);
	return NULL;
}

void
ere_free(struct ere *e)
{
	enum way way;

	if (e == NULL)
		return;
	for (way = FORWARD; way < WAYS; way++) {
		free(e->places[way]);
		free(e->programs[way]);
	}
	ere_free_tree(&e->tree);
	free(e);
}

size_t
ere_count_groups(const struct ere *e)
{
	return e->tree.groups;
}

/* Takes a character off the beginning or the end of a text that has one. */
static uint32_t
take_char(enum way way, struct span *s)
{
	unsigned char byte = (unsigned char)s->s[way == FORWARD ? 0 :
	    s->len - 1];
	uint32_t c = ascii_lower(byte);
	size_t len = 1;

	if (byte >= 0x80)
		len = way == FORWARD ? ere_first_char(*s, &c) :
		    ere_last_char(*s, &c);
	s->s += way == FORWARD ? len : 0;
	s->len -= len;
	return c;
}

/*
 * Whether the text begins, or ends, with what the expression says first, if
 * that is '^', or '$', and characters.  Most texts that do not match
 * are told by this.
 */
static bool
edge_fits(const struct ere *e, enum way way, struct span s)
{
	const struct step *step = e->programs[way];

	if (step->op != (way == FORWARD ? BEGIN : END))
		return true;
	for (step++; step->op == CHAR; step++)
		if (s.len == 0 || take_char(way, &s) != step->c)
			return false;
	return true;
}

/*
 * A part of a program on its way through a text: all the steps that it can
 * have come to where it is.
 */
struct run {
	const struct ere *e;
	struct span text;
	enum way way;
	const struct step *program;
	uint32_t from, to;	/* the part of it */
	size_t at;		/* bytes of the text that are before that */
	bool done;		/* it may have come to its part's end */
	uint32_t *steps, *next;	/* those that wait for a character */
	size_t n, n_next;
	uint32_t *forks;	/* steps that are still to be followed */
	uint32_t *seen;		/* when each was come to last */
	uint32_t now;		/* counts characters, from 1 */
};

/* Comes to a step.  Returns that to go on to, or the same if there is none. */
static uint32_t
come_to(struct run *r, uint32_t n, size_t *forks)
{
	const struct step *step = &r->program[n];

	if (n == r->to) {
		r->done = true;
		return n;
	}
	switch (step->op) {
	case BEGIN:
		return r->at == 0 ? n + 1 : n;
	case END:
		return r->at == r->text.len ? n + 1 : n;
	case JUMP:
		return step->c;
	case FORK:
		r->forks[(*forks)++] = step->c;
		return n + 1;
	default:
		r->next[r->n_next++] = n;
		return n;
	}
}

/* Follows the program from a step on, up to those that need a character. */
static void
follow(struct run *r, uint32_t n)
{
	size_t forks = 0;

	for (;;) {
		while (r->seen[n] != r->now) {
			r->seen[n] = r->now;
			n = come_to(r, n, &forks);
		}
		if (forks == 0)
			return;
		n = r->forks[--forks];
	}
}

static void
make_next_steps(struct run *r)
{
	uint32_t *steps = r->steps;

	r->steps = r->next;
	r->n = r->n_next;
	r->next = steps;
	r->n_next = 0;
}

/* Has a node begin behind so many bytes of the text. */
static void
begin(struct run *r, enum way way, uint32_t node, size_t at)
{
	r->way = way;
	r->program = r->e->programs[way];
	r->from = r->e->places[way][node];
	r->to = r->from + r->e->tree.nodes[node].steps;
	r->at = at;
	r->done = false;
	memset(r->seen + r->from, 0, (r->to - r->from + 1) * sizeof(*r->seen));
	r->now = 1;
	r->n_next = 0;
	follow(r, r->from);
	make_next_steps(r);
}

static bool
takes(const struct run *r, const struct step *step, uint32_t c)
{
	if (step->op == SET)
		return ere_set_holds(r->e->tree.sets + step->c, c);
	return step->op == ANY || step->c == c;
}

/*
 * Goes on by a character, if it can; again: and has it begin anew behind that.
 * Whether it did.
 */
static bool
advance(struct run *r, bool again)
{
	struct span left = r->way == BACKWARD ?
	    (struct span){ r->text.s, r->at } :
	    (struct span){ r->text.s + r->at, r->text.len - r->at };
	uint32_t c;
	size_t i;

	if (left.len == 0 || (r->n == 0 && !again))
		return false;
	c = take_char(r->way, &left);
	r->at = r->way == BACKWARD ? left.len : r->text.len - left.len;
	r->done = false;
	r->now++;
	for (i = 0; i < r->n; i++)
		if (takes(r, &r->program[r->steps[i]], c))
			follow(r, r->steps[i] + 1);
	if (again)
		follow(r, r->from);
	make_next_steps(r);
	return true;
}

static uint32_t
root(const struct ere *e)
{
	return (uint32_t)e->tree.n_nodes - 1;
}

static bool
matches(struct run *r)
{
	bool again = r->e->programs[FORWARD]->op != BEGIN;

	begin(r, FORWARD, root(r->e), 0);
	while (!r->done && advance(r, again))
		;
	return r->done;
}

/* A node, and the part of the text, by bytes, that it stands for. */
struct task {
	uint32_t node;
	size_t from, to;
};

/* What finds the groups: the tasks that are left, the first one last. */
struct search {
	struct run run;
	struct task *tasks;
	size_t n;
	unsigned char *marks;	/* of each place in the text */
	struct span *groups;
};

static void
add_task(struct search *s, uint32_t node, size_t from, size_t to)
{
	s->tasks[s->n++] = (struct task){ node, from, to };
}

/* The match that begins first, and of these the longest. */
static void
add_whole(struct search *s)
{
	struct run *r = &s->run;
	bool again = r->e->programs[BACKWARD]->op != END;
	size_t from = 0, to = 0;

	begin(r, BACKWARD, root(r->e), r->text.len);
	do {
		if (r->done)
			from = r->at;
	} while (advance(r, again));
	begin(r, FORWARD, root(r->e), from);
	do {
		if (r->done)
			to = r->at;
	} while (advance(r, false));
	add_task(s, root(r->e), from, to);
}

/* Marks where a node may begin that goes on to the end of the task. */
static void
mark_beginnings(struct search *s, const struct task *t, uint32_t node)
{
	struct run *r = &s->run;

	memset(s->marks + t->from, 0, t->to - t->from + 1);
	begin(r, BACKWARD, node, t->to);
	do {
		s->marks[r->at] = r->done;
	} while (r->at > t->from && advance(r, false));
}

/* Where the longest node from the task's beginning on ends in a mark. */
static size_t
longest_to_mark(struct search *s, const struct task *t, uint32_t node)
{
	struct run *r = &s->run;
	size_t longest = t->from;

	begin(r, FORWARD, node, t->from);
	do {
		if (r->done && s->marks[r->at])
			longest = r->at;
	} while (r->at < t->to && advance(r, false));
	return longest;
}

static void
divide_sequence(struct search *s, const struct task *t)
{
	uint32_t first = first_part(s->run.e, t->node);
	size_t middle;

	mark_beginnings(s, t, t->node - 1);
	middle = longest_to_mark(s, t, first);
	add_task(s, t->node - 1, middle, t->to);
	add_task(s, first, t->from, middle);
}

static void
choose_alternative(struct search *s, const struct task *t)
{
	uint32_t first = first_part(s->run.e, t->node);
	struct run *r = &s->run;

	begin(r, FORWARD, first, t->from);
	while (r->at < t->to && advance(r, false))
		;
	add_task(s, r->at == t->to && r->done ? first : t->node - 1, t->from,
	    t->to);
}

/* The last time is what counts. */
static void
find_last_time(struct search *s, struct task t)
{
	size_t next;

	mark_beginnings(s, &t, t.node);
	s->marks[t.to] = true;
	while ((next = longest_to_mark(s, &t, t.node - 1)) < t.to)
		t.from = next;
	add_task(s, t.node - 1, t.from, t.to);
}

/* What was in it when it was repeated before counts no more. */
static void
set_group(struct search *s, const struct task *t)
{
	const struct ere_node *nodes = s->run.e->tree.nodes;
	uint32_t i = t->node - nodes[t->node].nodes + 1;

	for (; i < t->node; i++)
		if (nodes[i].op == ERE_GROUP && nodes[i].c < ERE_GROUPS)
			s->groups[nodes[i].c].len = 0;
	if (nodes[t->node].c < ERE_GROUPS)
		s->groups[nodes[t->node].c] = (struct span){
			s->run.text.s + t->from, t->to - t->from };
	add_task(s, t->node - 1, t->from, t->to);
}

static void
do_task(struct search *s, struct task t)
{
	switch (s->run.e->tree.nodes[t.node].op) {
	case ERE_CAT:
		divide_sequence(s, &t);
		break;
	case ERE_ALT:
		choose_alternative(s, &t);
		break;
	case ERE_PLUS:
		find_last_time(s, t);
		break;
	case ERE_GROUP:
		set_group(s, &t);
		break;
	default:
		break;
	}
}

/*
 * Room for a search, behind the text that it is in, which stays the same; 0,
 * or -1 if there is no memory.
 */
static int
make_room(const struct ere *e, struct text *t, struct search *s)
{
	size_t steps = (size_t)e->steps + 1, at = (t->len + 15) / 16 * 16;
	uint32_t *words;

	if (text_reserve(t, at - t->len + 4 * steps * sizeof(*words) +
	    e->tree.n_nodes * sizeof(*s->tasks) + t->len + 1) == -1)
		return -1;
	words = (uint32_t *)(void *)(t->s + at);
	*s = (struct search){ .run = { .e = e, .text = text_span(t),
		.steps = words, .next = words + steps,
		.forks = words + 2 * steps, .seen = words + 3 * steps } };
	s->tasks = (struct task *)(void *)(words + 4 * steps);
	s->marks = (unsigned char *)(s->tasks + e->tree.n_nodes);
	return 0;
}

int
ere_match(const struct ere *e, struct text *t)
{
	struct search s;

	if (!edge_fits(e, FORWARD, text_span(t)) ||
	    !edge_fits(e, BACKWARD, text_span(t)))
		return 0;
	return make_room(e, t, &s) == -1 ? -1 : matches(&s.run);
}

int
ere_find_groups(const struct ere *e, struct text *t,
    struct span groups[ERE_GROUPS])
{
	struct search s;

	if (make_room(e, t, &s) == -1)
		return -1;
	if (!matches(&s.run))
		return 0;
	memset(groups, 0, ERE_GROUPS * sizeof(*groups));
	s.groups = groups;
	add_whole(&s);
	while (s.n > 0) {
		s.n--;
		do_task(&s, s.tasks[s.n]);
	}
	return 1;
}
