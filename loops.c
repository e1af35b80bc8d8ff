#include <stdlib.h>
#include <string.h>

#include "classes.h"
#include "loops.h"
#include "names.h"

enum colour { NEW, ON_THE_WAY, DONE };

/* An address on the way, and where else it leads. */
struct frame {
	size_t node;
	uint32_t rule;
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
	struct router *router;	/* that makes one step at once */
	enum role role;
	int (*take)(void *, const struct loop *);
	void *with;
	struct names nodes;	/* addresses that some rule rewrites */
	unsigned char *colours;
	size_t size_colours;
	struct frame *frames;
	size_t n_frames, size_frames;
	struct place *places;
	size_t n_places, size_places;
	struct text texts;	/* of the places */
	struct names circles;	/* numbers of rules, of those told of */
	struct hop *hops;
	struct text room;
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
	const char *text = s->texts.s + p->start;

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
	a.local.s = s->room.s;
	a.domain.s = s->room.s + a.local.len;
	if (router_route(s->router, s->role, &a, &o) == -1)
		return false;
	for (i = 0; i < o.count && o.status == ROUTED; i++) {
		if (o.destinations[i].node == 0)
			continue;
		router_trail(s->router, &o.destinations[i], &hop, 1);
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

/*
 * A circle by its rules, from the one with the lowest number on; 1 if it is
 * new, 0 if it was told of, -1 if there is no memory.
 */
static int
is_new_circle(struct search *s, size_t count)
{
	size_t i, lowest = 0, n;

	for (i = 1; i < count; i++)
		if (s->hops[i].rule < s->hops[lowest].rule)
			lowest = i;
	s->room.len = 0;
	for (i = 0; i < count; i++)
		if (text_add(&s->room, (const char *)
		    &s->hops[(lowest + i) % count].rule,
		    sizeof(s->hops[i].rule)) == -1)
			return -1;
	return names_add(&s->circles, text_span(&s->room), &n);
}

/* Tells of the frames from that one to the last. */
static int
tell(struct search *s, size_t from, bool endless)
{
	size_t i, count = s->n_frames - from;
	struct hop *grown = realloc(s->hops, count * sizeof(*grown));
	int new;

	if (grown == NULL)
		return -1;
	s->hops = grown;
	for (i = 0; i < count; i++)
		grown[i] = hop_of(s, &s->frames[from + i]);
	if ((new = is_new_circle(s, count)) != 1)
		return new;
	return s->take(s->with, &(struct loop){ s->role, endless, s->hops,
	    count });
}

/* The way has come round to a node that is on it. */
static int
tell_circle(struct search *s, size_t node)
{
	size_t i = s->n_frames;

	while (i > 0 && s->frames[i - 1].node != node)
		i--;
	return tell(s, i == 0 ? 0 : i - 1, false);
}

/* The way goes on for too long: the rules that come again, or the last. */
static int
tell_endless(struct search *s)
{
	size_t last = s->n_frames - 1, i = last;

	while (i > 0 && s->frames[i - 1].rule != s->frames[last].rule)
		i--;
	return tell(s, i == 0 ? last : i, true);
}

/* All that is on the way is done with. */
static void
abandon(struct search *s)
{
	while (s->n_frames > 0)
		s->colours[s->frames[--s->n_frames].node] = DONE;
}

/*
 * Comes to an address, the last of the places but for those it leads to: goes
 * on from there if it is new.  -1 if it is over.
 */
static int
come_to(struct search *s, size_t place)
{
	struct address a = address_at(s, place);
	size_t node, before = s->n_places;
	unsigned char *colours;
	struct frame *frames;
	uint32_t rule;
	int new;

	if (!make_step(s, place, &rule))
		return -1;
	if (rule == 0)
		return 0;
	a = address_at(s, place);
	s->room.len = 0;
	if (address_add_canonical(&s->room, a.local, a.domain) == -1 ||
	    (new = names_add(&s->nodes, text_span(&s->room), &node)) == -1)
		return -1;
	colours = array_grow(s->colours, &s->size_colours, node, 1);
	frames = array_grow(s->frames, &s->size_frames, s->n_frames,
	    sizeof(*frames));
	if (colours != NULL)
		s->colours = colours;
	if (frames != NULL)
		s->frames = frames;
	if (colours == NULL || frames == NULL)
		return -1;
	if (!new) {
		drop_places(s, before);
		return colours[node] == ON_THE_WAY ? tell_circle(s, node) : 0;
	}
	colours[node] = ON_THE_WAY;
	frames[s->n_frames++] = (struct frame){ node, rule, place, before,
		s->n_places };
	if (s->n_frames < MOST_REWRITINGS)
		return 0;
	if (tell_endless(s) == -1)
		return -1;
	abandon(s);
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
			continue;
		}
		s->colours[f->node] = DONE;
		s->n_frames--;
	}
	return 0;
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
	if (!put_place(s, written, domain) || !make_step(s, 0, &rule))
		return -1;
	end = s->n_places;
	for (i = 1; i < end && done == 0; i++) {
		drop_places(s, end);
		done = explore(s, i);
	}
	return done;
}

/* An address, and its user with a detail where there may be one. */
static int
explore_sample(void *with, struct span local, struct span domain)
{
	struct search *s = with;
	struct text written = { 0 }, user = { 0 };
	int done = -1;

	if ((local.len + domain.len == 0 ||
	    address_add_quoted(&written, local) == 0) &&
	    (done = explore_behind(s, text_span(&written), domain)) == 0 &&
	    s->delimiter != '\0') {
		written.len = 0;
		done = text_add_span(&user, local) == 0 &&
		    text_add_byte(&user, s->delimiter) == 0 &&
		    text_add_span(&user, classes_local(s->classes)) == 0 &&
		    address_add_quoted(&written, text_span(&user)) == 0 ?
		    explore_behind(s, text_span(&written), domain) : -1;
	}
	text_free(&user);
	text_free(&written);
	return done;
}

/* An address that is a target as it stands in the table. */
static int
explore_target(void *with, struct span local, struct span domain)
{
	struct search *s = with;
	struct text written = { 0 };
	int done;

	drop_places(s, 0);
	done = address_add_quoted(&written, local) == 0 &&
	    put_place(s, text_span(&written), domain) ? explore(s, 0) : -1;
	text_free(&written);
	return done;
}

static int
search_side(struct search *s)
{
	uint32_t rule;
	struct pattern p;

	for (rule = rules_first(s->rules); rule != 0;
	    rule = rules_after(s->rules, rule)) {
		p = rules_pattern(s->rules, rule);
		if (p.role != s->role ||
		    !rules_route(s->rules, rule).rewrites)
			continue;
		if ((p.locals == LOCAL_REGEX ?
		    classes_each_target(s->classes, s->rules, rule,
		    explore_target, s) :
		    classes_each_sample(s->classes, s->rules, rule,
		    explore_sample, s)) == -1)
			return -1;
	}
	return 0;
}

static void
free_search(struct search *s)
{
	router_free(s->router);
	classes_free(s->classes);
	names_free(&s->nodes);
	names_free(&s->circles);
	free(s->colours);
	free(s->frames);
	free(s->places);
	free(s->hops);
	text_free(&s->texts);
	text_free(&s->room);
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
	s.router = router_new(rules, &once);
	s.classes = classes_new(&rules, 1);
	if (options->delimiters != NULL)
		s.delimiter = options->delimiters[0];
	if (s.router != NULL && s.classes != NULL) {
		done = search_side(&s);
		names_clear(&s.nodes);
		s.role = SENDER;
		if (done == 0)
			done = search_side(&s);
	}
	free_search(&s);
	return done;
}
