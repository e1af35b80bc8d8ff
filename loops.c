#include <stdlib.h>
#include <string.h>

#include "classes.h"
#include "globs.h"
#include "loops.h"
#include "match.h"
#include "names.h"
#include "same.h"

enum {
	/* More rewritings than any address survives: it is in a loop. */
	TOO_MANY = MOST_REWRITINGS + 1,
	/* So many by which an address grows, where a loop is known. */
	FEW_GROWN = 20,
	MANY_GROWN = 64,	/* and twice, four times ... as many */
	LONG_ADDRESS = 4096,	/* bytes; what gets so long has no end */
	/* Globs that stand for addresses which match several. */
	MOST_MEETINGS = 100000,
	MOST_RECEIVED = 1000000,	/* samples for rules with $0 */
	/*
	 * Captures that branch make twice as many addresses at each step.  So
	 * many are gone on from in all, of which each sample may take its
	 * share; and so few of any sample, when there are no more.
	 */
	MOST_CAPTURED = 50000,
	SHARES = 4,
	FEW_CAPTURED = 128
};

/* An address that some rule rewrites. */
struct node {
	bool open;		/* it is on the way */
	uint16_t rewritings;	/* that it leads to, TOO_MANY at most */
};

/* An address on the way, and where else it leads. */
struct frame {
	size_t node;
	uint32_t rule;
	size_t grown;		/* rewritings that may have made it longer */
	size_t behind;		/* rewritings it leads to, but for its own */
	size_t start;		/* in the places: its own address, then those */
	size_t next;		/* of the places that it leads to */
	size_t end;
};

/* An address as it is written, in the texts. */
struct place {
	size_t start;		/* bytes */
	size_t local;		/* bytes */
	size_t domain;
};

struct search {
	const struct rules *rules;
	struct classes *classes;
	char delimiter;		/* of user+detail, or NUL */
	struct router *router;
	struct router *once;	/* makes one step */
	enum role role;
	bool received;		/* some target has $0 in it */
	struct text received_local;	/* of such a rule, as it is written */
	size_t tried;		/* times that one was, in all */
	bool detailed;		/* samples are users who may have a detail */
	int (*take)(void *, const struct loop *);
	void *with;
	struct names addresses;	/* of the nodes */
	struct node *nodes;
	size_t size_nodes;
	struct frame *frames;
	size_t n_frames, size_frames;
	size_t behind;		/* rewritings that the first one leads to */
	size_t captured;	/* addresses in all that captures made, */
	size_t most_captured;	/* and up to which they are gone on from */
	struct place *places;
	size_t n_places, size_places;
	struct text texts;	/* of the places */
	struct names circles;	/* numbers of rules, of those told of */
	struct names endless;	/* numbers of rules */
	struct hop *hops;
	uint32_t *numbers;
	struct text glob;	/* that the sample stands for, or empty */
	struct text sample;	/* its local part */
	struct text written;	/* the same as it is written */
	struct names meetings;	/* globs, and behind a NUL each a domain */
	struct span meeting_at;	/* domain */
	struct text room, common;
};

static bool
put_place(struct search *s, struct span local, struct span domain)
{
	struct place *grown = array_grow(s->places, &s->size_places,
	    s->n_places, sizeof(*grown));

	if (grown == NULL)
		return false;
	s->places = grown;
	grown[s->n_places++] = (struct place){ s->texts.len, local.len,
		domain.len };
	return text_add_span(&s->texts, local) == 0 &&
	    text_add_span(&s->texts, domain) == 0;
}

static struct address
address_at(const struct search *s, size_t place)
{
	const struct place *p = &s->places[place];
	const char *text = text_span(&s->texts).s + p->start;

	return (struct address){
		.mailbox = { text, p->local + p->domain },
		.local = { text, p->local },
		.domain = { text + p->local, p->domain },
	};
}

/* Forgets the places from that one on. */
static void
drop_places(struct search *s, size_t from)
{
	if (from < s->n_places)
		s->texts.len = s->places[from].start;
	s->n_places = from;
}

/*
 * Puts the addresses that one step leads to behind the places, and sets the
 * rule; 0 if none rewrites.  false if there is no memory.
 */
static bool
make_step(struct search *s, size_t place, uint32_t *rule)
{
	struct address a = address_at(s, place);
	struct outcome o;
	struct hop hop;
	size_t i;

	*rule = 0;
	/* The place has to stay where it is while others are added. */
	s->room.len = 0;
	if (text_add_span(&s->room, a.mailbox) == -1)
		return false;
	a.local.s = text_span(&s->room).s;
	a.domain.s = a.local.s + a.local.len;
	if (router_route(s->once, s->role, &a, &o) == -1)
		return false;
	for (i = 0; i < o.count && o.status == ROUTED; i++) {
		if (o.destinations[i].node == 0)
			continue;
		router_trail(s->once, &o.destinations[i], &hop, 1);
		*rule = hop.rule;
		if (!put_place(s, o.destinations[i].local,
		    o.destinations[i].domain))
			return false;
	}
	return true;
}

static struct hop
hop_of(const struct search *s, const struct frame *f)
{
	struct address a = address_at(s, f->start);

	return (struct hop){ f->rule, a.local, a.domain };
}

static int
compare_numbers(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* The rules of so many hops, each once; NULL if there is no memory. */
static const uint32_t *
sort_rules(struct search *s, size_t count, struct span *sorted)
{
	uint32_t *numbers = realloc(s->numbers, count * sizeof(*numbers));
	size_t i, different = 0;

	if (numbers == NULL)
		return NULL;
	s->numbers = numbers;
	for (i = 0; i < count; i++)
		numbers[i] = s->hops[i].rule;
	qsort(numbers, count, sizeof(*numbers), compare_numbers);
	for (i = 0; i < count; i++)
		if (i == 0 || numbers[i] != numbers[different - 1])
			numbers[different++] = numbers[i];
	*sorted = (struct span){ (const char *)numbers,
	    different * sizeof(*numbers) };
	return numbers;
}

/*
 * Whether the address of a hop comes to no end, when it is what was received:
 * $0 stands for that, and steps one by one do not know it.
 */
static int
is_loop(struct search *s, const struct hop *hop)
{
	struct address a = { .local = hop->local, .domain = hop->domain };
	struct outcome o;

	return router_route(s->router, s->role, &a, &o) == -1 ? -1 :
	    o.status != ROUTED;
}

/* Tells of so many hops, unless a loop of the same rules was told of. */
static int
tell_hops(struct search *s, enum loop_kind kind, size_t count)
{
	struct span rules;
	size_t n;
	int real;

	if (sort_rules(s, count, &rules) == NULL)
		return -1;
	if (names_find(&s->circles, rules, &n))
		return 0;
	if ((real = is_loop(s, &s->hops[0])) != 1 ||
	    names_add(&s->circles, rules, &n) == -1)
		return real == 1 ? -1 : real;
	return s->take(s->with, &(struct loop){ s->role, kind, s->hops,
	    count });
}

/* Tells of so many frames, beginning with one of them. */
static int
tell(struct search *s, enum loop_kind kind, size_t from, size_t count,
    size_t first)
{
	struct hop *grown = realloc(s->hops, count * sizeof(*grown));
	size_t i;

	if (grown == NULL)
		return -1;
	s->hops = grown;
	for (i = 0; i < count; i++)
		grown[i] = hop_of(s, &s->frames[from + (first + i) % count]);
	return tell_hops(s, kind, count);
}

/* The way has come round to a node that is on it. */
static int
tell_circle(struct search *s, size_t node)
{
	size_t i, from = s->n_frames - 1, first;

	while (from > 0 && s->frames[from].node != node)
		from--;
	for (i = first = from; i < s->n_frames; i++)
		if (s->frames[i].rule < s->frames[first].rule)
			first = i;
	return tell(s, LOOP_CIRCLE, from, s->n_frames - from, first - from);
}

/*
 * The rules that come again and again at the end of the way, with the first
 * addresses that they came with.
 */
static int
tell_endless(struct search *s, size_t again)
{
	size_t i, n, from = again, count = s->n_frames - 1 - again;

	while (from > 0 && s->frames[from - 1].rule ==
	    s->frames[from - 1 + count].rule)
		from--;
	for (i = from; i < from + count; i++)
		if (names_add(&s->endless, (struct span){ (const char *)
		    &s->frames[i].rule, sizeof(uint32_t) }, &n) == -1)
			return -1;
	return tell(s, LOOP_ENDLESS, from, count, 0);
}

/* All that is on the way is done with. */
static void
abandon(struct search *s)
{
	while (s->n_frames > 0)
		s->nodes[s->frames[--s->n_frames].node] =
		    (struct node){ false, TOO_MANY };
	s->behind = TOO_MANY;
}

/*
 * Whether the way goes on for too long because its last rule comes again and
 * again; then it is told of, and left.
 */
static int
end_endless(struct search *s)
{
	const struct frame *last = &s->frames[s->n_frames - 1];
	struct span rule = { (const char *)&last->rule, sizeof(last->rule) };
	size_t i = s->n_frames - 1, n;

	if ((last->grown < MANY_GROWN || (last->grown & (last->grown - 1)) !=
	    0) &&
	    address_at(s, last->start).mailbox.len < LONG_ADDRESS &&
	    (last->grown < FEW_GROWN || !names_find(&s->endless, rule, &n)))
		return 0;
	while (i > 0 && s->frames[i - 1].rule != last->rule)
		i--;
	if (i == 0)
		return 0;
	if (tell_endless(s, i - 1) == -1)
		return -1;
	abandon(s);
	return 0;
}

/* So many rewritings come behind the last address on the way. */
static void
lead_on(struct search *s, size_t rewritings)
{
	size_t *behind = s->n_frames == 0 ? &s->behind :
	    &s->frames[s->n_frames - 1].behind;

	if (*behind < rewritings)
		*behind = rewritings;
}

/* Whether the rule may make an address longer than it was. */
static bool
grows(const struct search *s, uint32_t rule)
{
	struct route route = rules_route(s->rules, rule);
	size_t i;

	if (classes_rule_captures(s->rules, rule))
		return true;
	for (i = 0; i < route.count && s->delimiter != '\0'; i++)
		if (rules_target(s->rules, rule, i).kind == TARGET_ADDRESS)
			return true;
	return false;
}

/* Goes on to an address that was not come to before. */
static int
enter(struct search *s, size_t node, size_t place, size_t targets,
    uint32_t rule)
{
	struct frame *frames = array_grow(s->frames, &s->size_frames,
	    s->n_frames, sizeof(*frames));
	struct node *nodes = array_grow(s->nodes, &s->size_nodes, node,
	    sizeof(*nodes));
	size_t n = s->n_frames;

	if (frames != NULL)
		s->frames = frames;
	if (nodes != NULL)
		s->nodes = nodes;
	if (frames == NULL || nodes == NULL)
		return -1;
	nodes[node] = (struct node){ true, 0 };
	frames[n] = (struct frame){ node, rule, grows(s, rule) +
	    (n > 0 ? frames[n - 1].grown : 0), 0, place, targets,
	    s->n_places };
	s->n_frames++;
	return end_endless(s);
}

static int
add_meeting(void *with, struct span glob)
{
	struct search *s = with;
	size_t n;

	if (s->meetings.count >= MOST_MEETINGS)
		return 0;
	s->room.len = 0;
	return text_add_span(&s->room, glob) == -1 ||
	    text_add_byte(&s->room, '\0') == -1 ||
	    text_add_span(&s->room, s->meeting_at) == -1 ||
	    names_add(&s->meetings, text_span(&s->room), &n) == -1 ? -1 : 0;
}

static int
meet_glob(void *with, uint32_t rule)
{
	struct search *s = with;
	struct span other = rules_pattern(s->rules, rule).local;

	return match_glob(other, text_span(&s->sample)) ||
	    !rules_route(s->rules, rule).rewrites ? 0 :
	    globs_each_common(text_span(&s->glob), other, &s->common,
	    add_meeting, s);
}

/*
 * A sample of a local part with '*' comes to a domain where rules are for
 * others with '*': what stands for those that match both is explored later.
 */
static int
meet_globs(struct search *s, size_t place)
{
	struct address a = address_at(s, place);
	struct text domain = { 0 };
	int done = 0;

	if (s->glob.len == 0 ||
	    !span_equal_fold(a.local, text_span(&s->written)) ||
	    (s->n_frames > 0 &&
	    s->frames[s->n_frames - 1].grown >= FEW_GROWN))
		return 0;
	if (address_domain(a.domain, &domain, &s->meeting_at) == -1)
		done = -1;
	if (done == 0)
		done = match_each_glob(s->rules, s->role, s->meeting_at,
		    meet_glob, s);
	text_free(&domain);
	return done;
}

/* Lets what comes next make its share of addresses by captures. */
static void
grant_captures(struct search *s)
{
	size_t share = s->captured < MOST_CAPTURED ?
	    (MOST_CAPTURED - s->captured) / SHARES : 0;

	s->most_captured = s->captured +
	    (share < FEW_CAPTURED ? FEW_CAPTURED : share);
}

/* Whether the last address on the way leads on by captures. */
static bool
is_captured(const struct search *s)
{
	return s->n_frames > 0 && classes_rule_captures(s->rules,
	    s->frames[s->n_frames - 1].rule);
}

/*
 * The number of an address: 1 if it is new and to be gone on from, 0 if it
 * was come to before, or if captures have made too many to go on.
 */
static int
number_address(struct search *s, size_t place, size_t *node)
{
	struct address a = address_at(s, place);
	bool captured = is_captured(s);
	int new;

	*node = s->addresses.count;
	s->room.len = 0;
	if (address_add_canonical(&s->room, a.local, a.domain) == -1)
		return -1;
	if (captured && s->captured >= s->most_captured) {
		(void)names_find(&s->addresses, text_span(&s->room), node);
		return 0;
	}
	new = names_add(&s->addresses, text_span(&s->room), node);
	s->captured += captured && new == 1;
	return new;
}

/*
 * Comes to an address, the last of the places but for those it leads to: goes
 * on from there if it is new.  -1 if it is over.
 */
static int
come_to(struct search *s, size_t place)
{
	size_t node, targets = s->n_places;
	uint32_t rule;
	int new;

	if (meet_globs(s, place) == -1 || !make_step(s, place, &rule))
		return -1;
	if (rule == 0)
		return 0;
	if ((new = number_address(s, place, &node)) == -1)
		return -1;
	if (new)
		return enter(s, node, place, targets, rule);
	drop_places(s, targets);
	if (node == s->addresses.count)
		return 0;
	lead_on(s, s->nodes[node].open ? TOO_MANY : s->nodes[node].rewritings);
	return s->nodes[node].open ? tell_circle(s, node) : 0;
}

/*
 * Whether an address that leads on and on, by different rules, is rewritten
 * too often; then it is told of.  -1 if it is over.
 */
static int
tell_if_long(struct search *s, size_t place, uint32_t rule)
{
	struct address a = address_at(s, place);
	struct hop hop = { rule, a.local, a.domain };
	struct outcome o;
	size_t n;
	int new;

	if (router_route(s->router, s->role, &a, &o) == -1)
		return -1;
	if (o.status != LOOPED)
		return 0;
	if ((new = names_add(&s->circles, (struct span){ (const char *)&rule,
	    sizeof(rule) }, &n)) == -1)
		return -1;
	return new && s->take(s->with, &(struct loop){ s->role, LOOP_LONG,
	    &hop, 1 }) == -1 ? -1 : 1;
}

/* Leaves the last address on the way. */
static int
leave(struct search *s)
{
	struct frame f = s->frames[s->n_frames - 1];
	size_t rewritings = f.behind < TOO_MANY ? f.behind + 1 : TOO_MANY;
	int told;

	if (f.behind == MOST_REWRITINGS) {
		if ((told = tell_if_long(s, f.start, f.rule)) == -1)
			return -1;
		rewritings = told ? TOO_MANY : MOST_REWRITINGS;
	}
	s->nodes[f.node] = (struct node){ false, (uint16_t)rewritings };
	s->n_frames--;
	lead_on(s, rewritings);
	return 0;
}

/* Every way from an address on, each address once in all. */
static int
explore(struct search *s, size_t place)
{
	struct frame *f;

	if (come_to(s, place) == -1)
		return -1;
	while (s->n_frames > 0) {
		f = &s->frames[s->n_frames - 1];
		if (f->next < f->end) {
			drop_places(s, f->end);
			if (come_to(s, f->next++) == -1)
				return -1;
		} else if (leave(s) == -1) {
			return -1;
		}
	}
	return 0;
}

/*
 * Where a target is the address received, only its whole way tells whether
 * an address comes round.
 */
static int
follow_whole(struct search *s)
{
	struct address a = address_at(s, 0);
	struct outcome o;
	struct hop *grown;
	size_t count;

	if (router_route(s->router, s->role, &a, &o) == -1)
		return -1;
	if (o.status != LOOPED)
		return 0;
	count = router_trail(s->router, o.destinations, NULL, 0);
	if ((grown = realloc(s->hops, count * sizeof(*grown))) == NULL)
		return -1;
	s->hops = grown;
	router_trail(s->router, o.destinations, grown, count);
	grown[0].local = a.local;
	grown[0].domain = a.domain;
	return tell_hops(s, LOOP_WHOLE, count);
}

/*
 * Explores what an address leads to.  The address itself needs not be kept:
 * if it is on a circle, something leads to it.
 */
static int
explore_behind(struct search *s, struct span written, struct span domain)
{
	size_t i, end;
	uint32_t rule;
	int done = 0;

	drop_places(s, 0);
	grant_captures(s);
	s->behind = 0;
	if (!put_place(s, written, domain) || !make_step(s, 0, &rule))
		return -1;
	end = s->n_places;
	for (i = 1; i < end && done == 0; i++) {
		drop_places(s, end);
		done = explore(s, i);
	}
	if (done == 0 && s->behind == MOST_REWRITINGS &&
	    tell_if_long(s, 0, rule) == -1)
		return -1;
	return done == 0 && s->received && s->behind < MOST_REWRITINGS ?
	    follow_whole(s) : done;
}

/* What the samples to come stand for: a glob, or nothing special. */
static int
set_glob(struct search *s, struct span glob)
{
	s->glob.len = s->sample.len = s->written.len = 0;
	return glob.len > 0 && (text_add_span(&s->glob, glob) == -1 ||
	    match_fill_glob(glob, classes_local(s->classes), &s->sample) ==
	    -1 || address_add_quoted(&s->written, text_span(&s->sample)) ==
	    -1) ? -1 : 0;
}

/* "user+*", which comes under the rule for the user. */
static int
add_detailed(struct text *t, struct span user, char delimiter)
{
	size_t i;

	for (i = 0; i < user.len; i++)
		if (((user.s[i] == '*' || user.s[i] == '\\') &&
		    text_add_byte(t, '\\') == -1) ||
		    text_add_byte(t, user.s[i]) == -1)
			return -1;
	return text_add_byte(t, delimiter) == -1 ? -1 : text_add_byte(t, '*');
}

static int
explore_detailed(struct search *s, struct span user, struct span domain)
{
	struct text glob = { 0 };
	int done = -1;

	if (add_detailed(&glob, user, s->delimiter) == 0 &&
	    set_glob(s, text_span(&glob)) == 0)
		done = explore_behind(s, text_span(&s->written), domain);
	text_free(&glob);
	return done == 0 ? set_glob(s, (struct span){ "", 0 }) : -1;
}

static int
explore_sample(void *with, struct span local, struct span domain)
{
	struct search *s = with;
	struct text written = { 0 };
	int done = -1;

	if (local.len + domain.len == 0 ||
	    address_add_quoted(&written, local) == 0)
		done = explore_behind(s, text_span(&written), domain);
	text_free(&written);
	return done == 0 && s->detailed ?
	    explore_detailed(s, local, domain) : done;
}

/* An address that is a target as it stands in the table. */
static int
explore_target(void *with, struct span local, struct span domain)
{
	struct search *s = with;
	struct text written = { 0 };
	int done;

	drop_places(s, 0);
	grant_captures(s);
	done = address_add_quoted(&written, local) == 0 &&
	    put_place(s, text_span(&written), domain) ? explore(s, 0) : -1;
	text_free(&written);
	return done;
}

/* What matches several globs; this may lead to what matches even more. */
static int
explore_meetings(struct search *s)
{
	struct span glob, domain;
	size_t i;

	for (i = 0; i < s->meetings.count; i++) {
		glob = names_get(&s->meetings, i);
		domain.s = memchr(glob.s, '\0', glob.len);
		domain.len = glob.len - (size_t)(++domain.s - glob.s);
		glob.len -= domain.len + 1;
		drop_places(s, 0);
		grant_captures(s);
		if (set_glob(s, glob) == -1 ||
		    !put_place(s, text_span(&s->written), domain) ||
		    explore(s, 0) == -1)
			return -1;
	}
	return 0;
}

static int
explore_rule(struct search *s, uint32_t rule)
{
	struct pattern p = rules_pattern(s->rules, rule);

	if (p.role != s->role || !rules_route(s->rules, rule).rewrites)
		return 0;
	if (p.locals == LOCAL_REGEX)
		return classes_each_target(s->classes, s->rules, rule,
		    explore_target, s);
	s->detailed = p.locals == LOCAL_EXACT && s->delimiter != '\0';
	if (set_glob(s, p.locals == LOCAL_GLOB ? p.local :
	    (struct span){ "", 0 }) == -1)
		return -1;
	return classes_each_sample(s->classes, s->rules, rule,
	    explore_sample, s);
}

/* A local part, written in the room for samples, from where a rule is. */
static int
explore_from(void *with, struct span local, struct span domain)
{
	struct search *s = with;

	(void)local;
	s->tried++;
	return explore_behind(s, text_span(&s->received_local), domain);
}

/*
 * Where a rule with $0 leads depends on where the way began: its local part
 * is tried from all domains that are rewritten.
 */
static int
explore_received(struct search *s, uint32_t received)
{
	struct pattern p = rules_pattern(s->rules, received);
	uint32_t rule;

	if (p.role != s->role || p.locals != LOCAL_EXACT ||
	    !rule_takes_all(s->rules, received))
		return 0;
	s->received_local.len = 0;
	if (address_add_quoted(&s->received_local, p.local) == -1)
		return -1;
	for (rule = rules_first(s->rules); rule != 0 &&
	    s->tried < MOST_RECEIVED; rule = rules_after(s->rules, rule)) {
		p = rules_pattern(s->rules, rule);
		if (p.role == s->role && p.locals == LOCAL_ANY &&
		    rules_route(s->rules, rule).rewrites &&
		    classes_each_sample(s->classes, s->rules, rule,
		    explore_from, s) == -1)
			return -1;
	}
	return 0;
}

static int
search_side(struct search *s, enum role role)
{
	uint32_t rule;

	s->role = role;
	names_clear(&s->addresses);
	names_clear(&s->meetings);
	for (rule = rules_first(s->rules); rule != 0 && !s->received;
	    rule = rules_after(s->rules, rule))
		s->received = rule_takes_all(s->rules, rule);
	for (rule = rules_first(s->rules); rule != 0;
	    rule = rules_after(s->rules, rule))
		if (explore_rule(s, rule) == -1 ||
		    (s->received && explore_received(s, rule) == -1))
			return -1;
	return explore_meetings(s);
}

static void
free_search(struct search *s)
{
	router_free(s->router);
	router_free(s->once);
	classes_free(s->classes);
	names_free(&s->addresses);
	names_free(&s->circles);
	names_free(&s->endless);
	names_free(&s->meetings);
	free(s->nodes);
	free(s->frames);
	free(s->places);
	free(s->hops);
	free(s->numbers);
	text_free(&s->texts);
	text_free(&s->glob);
	text_free(&s->sample);
	text_free(&s->written);
	text_free(&s->received_local);
	text_free(&s->room);
	text_free(&s->common);
}

int
loops_find(const struct rules *rules, const struct router_options *options,
    int (*take)(void *, const struct loop *), void *with)
{
	struct router_options once = *options;
	struct search s = { .rules = rules, .take = take, .with = with };
	int done = -1;

	if (options->once)
		return 0;
	once.once = true;
	s.router = router_new(rules, options);
	s.once = router_new(rules, &once);
	s.classes = classes_new(&rules, 1);
	if (options->delimiters != NULL)
		s.delimiter = options->delimiters[0];
	if (s.router != NULL && s.once != NULL && s.classes != NULL &&
	    search_side(&s, RECIPIENT) == 0)
		done = search_side(&s, SENDER);
	free_search(&s);
	return done;
}
