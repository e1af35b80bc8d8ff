#include <stdlib.h>
#include <string.h>

#include "classes.h"
#include "domain.h"
#include "match.h"
#include "names.h"

enum {
	LONGEST_DOMAIN = 253,	/* bytes (RFC 1035, 2.3.4) */
	/*
	 * What captures make longer and longer ("*.old.a  $1.a" makes x.a of
	 * x.old.a, of x.old.old.a and so on, and two such rules twice as many
	 * at each step) is followed back no further when it has become so much
	 * by more than so many steps.
	 */
	MANY_CAPTURED = 512,
	FEW_STEPS = 3,
	MOST_DOMAINS = 4000000
};

/*
 * A target that holds a part of the domain before: what stands around it,
 * and the domain above the part that is captured.
 */
struct template {
	struct span head;
	struct span base;	/* empty: the whole domain is captured */
	bool many;		/* more than one '$' */
	bool local;		/* it makes a local part */
	size_t next;		/* with the same tail, + 1 */
};

struct classes {
	const struct rules *const *tables;
	size_t n_tables;
	struct names domains;
	size_t *order;		/* numbers in domains, as they are handed out */
	size_t *ends;
	struct names tails;	/* what follows the last '$' */
	size_t *first;		/* template with that tail, + 1 */
	size_t size_first;
	struct template *templates;
	size_t n_templates, size_templates;
	bool into_locals;	/* some template is a local part, */
	bool made;		/* something is by a template */
	bool locals_matter;	/* and the local parts made are told apart */
	bool partial;
	bool in_globs[256];	/* bytes that stand beside a '*' */
	struct text local, label, elsewhere;
	struct text room;
};

/* The first '$' that stands for a capture, or the end of the template. */
static const char *
find_capture(const char *s, const char *end)
{
	while (s < end && (s = memchr(s, '$', (size_t)(end - s))) != NULL) {
		if (s[1] != '$')
			return s;
		s += 2;
	}
	return end;
}

static bool
has_capture(struct span text)
{
	return text.len > 0 && find_capture(text.s, text.s + text.len) <
	    text.s + text.len;
}

bool
classes_has_received(struct span text)
{
	const char *s, *end = text.s + text.len;

	for (s = find_capture(text.s, end); s < end;
	    s = find_capture(s + 2, end))
		if (s[1] == '0')
			return true;
	return false;
}

bool
classes_rule_captures(const struct rules *r, uint32_t rule)
{
	struct route route = rules_route(r, rule);
	struct target target;
	size_t i;

	for (i = 0; i < route.count; i++) {
		target = rules_target(r, rule, i);
		if (has_capture(target.domain) || has_capture(target.local))
			return true;
	}
	return false;
}

/* The tail as it ends a canonical domain. */
static bool
put_tail(struct classes *c, struct span tail, size_t *n)
{
	struct text *t = &c->room;
	size_t before = tail.len > 0 && tail.s[0] == '.' ? 1 : 0, i;

	t->len = 0;
	if ((before == 1 && text_add_byte(t, 'x') == -1) ||
	    text_add_span(t, tail) == -1 ||
	    (before == 1 && domain_canonical(t, 0) == -1))
		return false;
	for (i = 0; i < t->len; i++)
		t->s[i] = (char)ascii_lower((unsigned char)t->s[i]);
	tail = text_span(t);
	if (before == 1)
		tail = span_between(tail.s + 1, tail.s + tail.len);
	return names_add(&c->tails, tail, n) != -1;
}

/* Whether one like this is among those with the same tail. */
static bool
has_template(const struct classes *c, const struct template *t)
{
	const struct template *other;
	size_t next;

	for (next = t->next; next != 0; next = other->next) {
		other = &c->templates[next - 1];
		if (span_equal_fold(other->head, t->head) &&
		    span_equal(other->base, t->base) &&
		    other->many == t->many && other->local == t->local)
			return true;
	}
	return false;
}

/* Puts it before those with the same tail, the number of which is given. */
static bool
put_template(struct classes *c, struct template t, size_t tail)
{
	struct template *grown = array_grow(c->templates, &c->size_templates,
	    c->n_templates, sizeof(*grown));
	size_t *first = array_grow(c->first, &c->size_first, tail,
	    sizeof(*first));

	if (grown != NULL)
		c->templates = grown;
	if (first != NULL)
		c->first = first;
	if (grown == NULL || first == NULL)
		return false;
	t.next = first[tail];
	if (has_template(c, &t))
		return true;
	grown[c->n_templates++] = t;
	first[tail] = c->n_templates;
	return true;
}

static bool
add_template(struct classes *c, struct span text, struct span base, bool local)
{
	const char *end = text.s + text.len;
	const char *first = find_capture(text.s, end), *last, *s;
	size_t tail;

	for (s = last = first; s < end; s = find_capture(s + 2, end))
		last = s;
	return put_tail(c, span_between(last + 2, end), &tail) &&
	    put_template(c, (struct template){
		.head = span_between(text.s, first),
		.base = base,
		.many = first != last,
		.local = local,
	    }, tail);
}

/*
 * What is captured of a domain is what stands for '*' in that of the pattern,
 * or, by $0, all of it.
 */
static bool
add_templates(struct classes *c, const struct pattern *p, struct span text,
    bool local)
{
	if (!has_capture(text))
		return true;
	if ((p->scope == SCOPE_BELOW || p->scope == SCOPE_ANY) &&
	    !add_template(c, text, p->domain, local))
		return false;
	return !classes_has_received(text) ||
	    add_template(c, text, (struct span){ "", 0 }, local);
}

/* What a rule adds: the domains that it names, and its templates. */
static bool
add_rule(struct classes *c, const struct rules *r, uint32_t rule)
{
	struct pattern p = rules_pattern(r, rule);
	struct route route = rules_route(r, rule);
	struct target t;
	size_t i, n;

	if (p.domain.len > 0 && names_add(&c->domains, p.domain, &n) == -1)
		return false;
	for (i = 0; i < route.count; i++) {
		t = rules_target(r, rule, i);
		if (t.canonical.len > 0 &&
		    names_add(&c->domains, t.canonical, &n) == -1)
			return false;
		if (has_capture(t.local))
			c->into_locals = true;
		if (!add_templates(c, &p, t.domain, false) ||
		    !add_templates(c, &p, t.local, true))
			return false;
	}
	return true;
}

/* A domain of which a template makes one that is told apart. */
static bool
add_captured(struct classes *c, const struct template *t, struct span part)
{
	size_t n;

	c->room.len = 0;
	if (text_add_span(&c->room, part) == -1 || (t->base.len > 0 &&
	    (text_add_byte(&c->room, '.') == -1 ||
	    text_add_span(&c->room, t->base) == -1)))
		return false;
	if (c->room.len > LONGEST_DOMAIN ||
	    !domain_valid(text_span(&c->room)))
		return true;
	if (c->domains.count >= MOST_DOMAINS) {
		c->partial = true;
		return true;
	}
	return names_add(&c->domains, text_span(&c->room), &n) != -1;
}

/*
 * All that a template could have captured to make this: rather some domains
 * too many, which are then told apart for nothing.
 */
static bool
apply(struct classes *c, const struct template *t, struct span part)
{
	const char *dot, *end = part.s + part.len;

	bool begins = part.len > t->head.len && span_equal_fold(t->head,
	    (struct span){ part.s, t->head.len });

	if (t->local && !begins)
		return true;
	c->made = true;
	/* Without a head before it, this is what stands behind one. */
	if (!t->local && !add_captured(c, t, part))
		return false;
	if (begins) {
		part = span_between(part.s + t->head.len, end);
		if (!add_captured(c, t, part))
			return false;
	}
	if (!t->many)
		return true;
	while ((dot = memchr(part.s, '.', part.len)) != NULL) {
		part = span_between(dot + 1, end);
		if (!add_captured(c, t, part))
			return false;
	}
	return true;
}

/* Goes back by those with the same tail, from a number on. */
static bool
apply_each(struct classes *c, size_t next, bool local, struct span part)
{
	const struct template *t;

	for (; next != 0; next = t->next) {
		t = &c->templates[next - 1];
		if (t->local == local && !apply(c, t, part))
			return false;
	}
	return true;
}

/* Goes back by every template that could have made this domain, or local. */
static bool
go_back(struct classes *c, struct span made, bool local)
{
	struct text copy = { 0 };
	size_t i, n;
	bool done = text_add_span(&copy, made) == 0;

	for (i = 1; i <= made.len && done; i++)
		if (names_find(&c->tails, (struct span){ copy.s + i,
		    made.len - i }, &n))
			done = apply_each(c, c->first[n], local,
			    (struct span){ copy.s, i });
	text_free(&copy);
	return done;
}

/* The same for local parts that are named. */
static bool
go_back_from_locals(struct classes *c, const struct rules *r)
{
	struct pattern p;
	uint32_t rule;

	for (rule = rules_first(r); rule != 0; rule = rules_after(r, rule)) {
		p = rules_pattern(r, rule);
		if (p.locals == LOCAL_GLOB || p.locals == LOCAL_REGEX)
			c->locals_matter = true;
		if (p.locals != LOCAL_EXACT)
			continue;
		if (!go_back(c, p.local, true))
			return false;
	}
	return true;
}

/* Each turn goes back by one step from what the last one has added. */
static bool
add_captures(struct classes *c)
{
	size_t i, n, named = c->domains.count, steps = 0;

	if (c->n_templates == 0)
		return true;
	for (i = 0; i < c->n_tables && c->into_locals; i++)
		if (!go_back_from_locals(c, c->tables[i]))
			return false;
	c->locals_matter = c->locals_matter || c->made;
	for (i = 0; i < c->domains.count && !c->partial; steps++) {
		n = c->domains.count;
		if (steps > FEW_STEPS && n - named > MANY_CAPTURED)
			c->partial = true;
		for (; i < n && !c->partial; i++)
			if (!go_back(c, names_get(&c->domains, i), false))
				return false;
	}
	return true;
}

/* Compares from the end; domains below another stand behind it at once. */
static int
compare_domains(struct span a, struct span b)
{
	unsigned char x, y;
	size_t i;

	for (i = 1; i <= a.len && i <= b.len; i++) {
		x = (unsigned char)a.s[a.len - i];
		y = (unsigned char)b.s[b.len - i];
		if (x != y)
			return (x == '.' ? 0 : x) - (y == '.' ? 0 : y);
	}
	return a.len < b.len ? -1 : a.len > b.len;
}

static bool
is_below(struct span domain, struct span above)
{
	size_t more = domain.len - above.len;

	return domain.len > above.len + 1 && domain.s[more - 1] == '.' &&
	    memcmp(domain.s + more, above.s, above.len) == 0;
}

static struct span
domain_at(const struct classes *c, size_t n)
{
	return names_get(&c->domains, c->order[n]);
}

/* Sorts by merging; qsort(3) has nothing to hand the names over by. */
static void
merge(const struct classes *c, size_t *to, const size_t *from, size_t n,
    size_t width)
{
	size_t i, left, middle, right, end;

	for (i = 0; i < n; i = end) {
		left = i;
		right = middle = n - i > width ? i + width : n;
		end = n - i > 2 * width ? i + 2 * width : n;
		while (i < end)
			to[i++] = right == end || (left < middle &&
			    compare_domains(names_get(&c->domains, from[left]),
			    names_get(&c->domains, from[right])) <= 0) ?
			    from[left++] : from[right++];
	}
}

static bool
sort(struct classes *c)
{
	size_t i, width, n = c->domains.count;
	size_t *spare = calloc(n + 1, sizeof(*spare)), *swapped;

	c->order = calloc(n + 1, sizeof(*c->order));
	if (spare == NULL || c->order == NULL) {
		free(spare);
		return false;
	}
	for (i = 0; i < n; i++)
		c->order[i] = i;
	for (width = 1; width < n; width *= 2) {
		merge(c, spare, c->order, n, width);
		swapped = c->order;
		c->order = spare;
		spare = swapped;
	}
	free(spare);
	return true;
}

/* Where those below each domain end. */
static bool
find_ends(struct classes *c)
{
	size_t n = c->domains.count, i, j;

	if ((c->ends = calloc(n + 1, sizeof(*c->ends))) == NULL)
		return false;
	for (i = n; i-- > 0;) {
		for (j = i + 1; j < n && is_below(domain_at(c, j),
		    domain_at(c, i)); j = c->ends[j])
			;
		c->ends[i] = j;
	}
	return true;
}

/* Whether a table has this within a local part or a target. */
static bool
is_in_rules(const struct rules *r, struct span part)
{
	struct route route;
	uint32_t rule;
	size_t i;

	for (rule = rules_first(r); rule != 0; rule = rules_after(r, rule)) {
		if (span_contains_fold(rules_pattern(r, rule).local, part))
			return true;
		route = rules_route(r, rule);
		for (i = 0; i < route.count; i++)
			if (span_contains_fold(rules_target(r, rule, i).local,
			    part))
				return true;
	}
	return false;
}

static bool
is_used(const struct classes *c, struct span part)
{
	size_t i;

	for (i = 0; i < c->n_tables; i++)
		if (is_in_rules(c->tables[i], part))
			return true;
	for (i = 0; i < c->domains.count; i++)
		if (span_contains_fold(names_get(&c->domains, i), part))
			return true;
	return false;
}

/* Notes the bytes that stand beside '*' in local parts. */
static void
note_glob_bytes(struct classes *c, const struct rules *r)
{
	struct pattern p;
	uint32_t rule;
	size_t i;

	for (rule = rules_first(r); rule != 0; rule = rules_after(r, rule)) {
		p = rules_pattern(r, rule);
		for (i = 0; p.locals == LOCAL_GLOB && i < p.local.len; i++)
			c->in_globs[ascii_lower((unsigned char)
			    p.local.s[i])] = true;
	}
}

static bool
is_beside_stars(const struct classes *c, struct span word)
{
	size_t i = 0;

	while (i < word.len && !c->in_globs[(unsigned char)word.s[i]])
		i++;
	return i < word.len;
}

/*
 * This word, or a letter instead if the word has bytes that stand beside a
 * '*': "*e@a.example" is not to match what was made up by chance.
 */
static struct span
choose_word(const struct classes *c, const char *word)
{
	static const char *const names[] = { "anybody", "joe", "kim", "guy",
		"ivy", "max", "zoe", "lou", "x", "z", "q", "j", "k", "v", "w",
		"y", "u", "b", "c", "d", "f", "g", "h", "l", "m", "n", "o",
		"p", "r", "s", "t", "a", "e", "i", "0", "1", "2", "3", "4",
		"5", "6", "7", "8", "9", "_" };
	struct span chosen = span_of(word);
	size_t i;

	for (i = 0; is_beside_stars(c, chosen) &&
	    i < sizeof(names) / sizeof(*names); i++)
		chosen = span_of(names[i]);
	return chosen;
}

/* The word, so often that it stands nowhere in the tables. */
static bool
make_up(const struct classes *c, struct span word, struct text *t)
{
	t->len = 0;
	do {
		if (text_add_span(t, word) == -1)
			return false;
	} while (is_used(c, text_span(t)));
	return true;
}

/* What is made up of domains may become a local part by captures. */
static bool
make_up_label(const struct classes *c, const char *word, struct text *t)
{
	return make_up(c, c->into_locals ? choose_word(c, word) :
	    span_of(word), t);
}

/* A domain that is below none of them. */
static bool
make_elsewhere(struct classes *c)
{
	size_t n;

	if (!make_up_label(c, "elsewhere", &c->elsewhere))
		return false;
	return names_find(&c->domains, span_of("example"), &n) ||
	    (c->into_locals && is_beside_stars(c, span_of("example"))) ||
	    text_add(&c->elsewhere, ".example", 8) == 0;
}

struct classes *
classes_new(const struct rules *const *tables, size_t n)
{
	struct classes *c = calloc(1, sizeof(*c));
	uint32_t rule;
	bool done = true;
	size_t i;

	if (c == NULL)
		return NULL;
	c->tables = tables;
	c->n_tables = n;
	for (i = 0; i < n; i++)
		for (rule = rules_first(tables[i]); rule != 0 && done;
		    rule = rules_after(tables[i], rule))
			done = add_rule(c, tables[i], rule);
	for (i = 0; i < n; i++)
		note_glob_bytes(c, tables[i]);
	if (done && add_captures(c) && sort(c) && find_ends(c) &&
	    make_up(c, choose_word(c, "someone"), &c->local) &&
	    make_up_label(c, "somewhere", &c->label) &&
	    make_elsewhere(c))
		return c;
	classes_free(c);
	return NULL;
}

void
classes_free(struct classes *c)
{
	if (c == NULL)
		return;
	names_free(&c->domains);
	names_free(&c->tails);
	free(c->order);
	free(c->ends);
	free(c->first);
	free(c->templates);
	text_free(&c->local);
	text_free(&c->label);
	text_free(&c->elsewhere);
	text_free(&c->room);
	free(c);
}

bool
classes_are_all(const struct classes *c)
{
	return !c->partial;
}

struct span
classes_local(const struct classes *c)
{
	return text_span(&c->local);
}

struct span
classes_label(const struct classes *c)
{
	return text_span(&c->label);
}

struct span
classes_elsewhere(const struct classes *c)
{
	return text_span(&c->elsewhere);
}

size_t
classes_count(const struct classes *c)
{
	return c->domains.count;
}

struct span
classes_domain(const struct classes *c, size_t n)
{
	return domain_at(c, n);
}

size_t
classes_below_end(const struct classes *c, size_t n)
{
	return c->ends[n];
}

/* The number of this very domain, or the count. */
static size_t
find(const struct classes *c, struct span domain)
{
	size_t low = 0, high = c->domains.count, middle;
	int order;

	while (low < high) {
		middle = low + (high - low) / 2;
		order = compare_domains(domain_at(c, middle), domain);
		if (order == 0)
			return middle;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return c->domains.count;
}

size_t
classes_find(const struct classes *c, struct span domain, bool *exact)
{
	const char *dot, *end = domain.s + domain.len;
	size_t n;

	*exact = true;
	while ((n = find(c, domain)) == c->domains.count) {
		*exact = false;
		if ((dot = memchr(domain.s, '.', domain.len)) == NULL)
			break;
		domain = span_between(dot + 1, end);
	}
	return n;
}

/* What the pattern stands for, a '*' in it for what was made up. */
static bool
add_sample_local(const struct classes *c, const struct pattern *p,
    struct text *t)
{
	if (p->locals == LOCAL_ANY)
		return text_add_span(t, text_span(&c->local)) == 0;
	if (p->locals == LOCAL_EXACT)
		return text_add_span(t, p->local) == 0;
	return match_fill_glob(p->local, text_span(&c->local), t) == 0;
}

/* Room for the domains of samples, and whom they are for. */
struct sampling {
	const struct classes *c;
	struct text domain;
	struct span local;
	int (*take)(void *, struct span, struct span);
	void *with;
};

/* A domain itself, and one below it that none of those named is above. */
static int
take_domain(const struct sampling *s, struct span domain)
{
	return s->take(s->with, s->local, domain);
}

static int
take_below(struct sampling *s, struct span domain)
{
	s->domain.len = 0;
	return text_add_span(&s->domain, text_span(&s->c->label)) == -1 ||
	    text_add_byte(&s->domain, '.') == -1 ||
	    text_add_span(&s->domain, domain) == -1 ? -1 :
	    take_domain(s, text_span(&s->domain));
}

/* Each of these, and what is below it. */
static int
take_range(struct sampling *s, size_t n, size_t end)
{
	int done = 0;

	for (; n < end && done == 0; n++)
		if ((done = take_domain(s, domain_at(s->c, n))) == 0 &&
		    domain_at(s->c, n).s[0] != '[')
			done = take_below(s, domain_at(s->c, n));
	return done;
}

static int
take_any(struct sampling *s, const struct pattern *p, bool all)
{
	int done = take_domain(s, text_span(&s->c->elsewhere));

	if (done == 0 && p->locals == LOCAL_ANY)
		done = take_domain(s, (struct span){ "", 0 });
	return done == 0 && all ? take_range(s, 0, s->c->domains.count) : done;
}

static int
take_samples(struct sampling *s, const struct pattern *p, bool all)
{
	size_t n;
	int done = 0;

	if (p->locals == LOCAL_NULL)
		return take_domain(s, (struct span){ "", 0 });
	if (p->scope == SCOPE_ANY)
		return take_any(s, p, all);
	if (p->scope != SCOPE_BELOW)
		done = take_domain(s, p->domain);
	if (done != 0 || p->scope == SCOPE_DOMAIN)
		return done;
	if ((done = take_below(s, p->domain)) != 0)
		return done;
	n = all ? find(s->c, p->domain) : s->c->domains.count;
	return n == s->c->domains.count ? 0 :
	    take_range(s, n + 1, s->c->ends[n]);
}

/* Whether what a rule makes of an address is told apart by its domain. */
static bool
domains_matter(const struct classes *c, const struct rules *r, uint32_t rule)
{
	struct route route = rules_route(r, rule);
	struct target t;
	size_t i;

	for (i = 0; i < route.count; i++) {
		t = rules_target(r, rule, i);
		if (has_capture(t.domain) ||
		    (c->locals_matter && has_capture(t.local)))
			return true;
	}
	return false;
}

int
classes_each_sample(const struct classes *c, const struct rules *r,
    uint32_t rule, int (*take)(void *, struct span, struct span), void *with)
{
	struct sampling s = { .c = c, .take = take, .with = with };
	struct pattern p = rules_pattern(r, rule);
	struct text local = { 0 };
	int done = -1;

	if (p.locals == LOCAL_NULL || add_sample_local(c, &p, &local)) {
		s.local = text_span(&local);
		done = take_samples(&s, &p, domains_matter(c, r, rule));
	}
	text_free(&s.domain);
	text_free(&local);
	return done;
}

int
classes_each_target(const struct classes *c, const struct rules *r,
    uint32_t rule, int (*take)(void *, struct span, struct span), void *with)
{
	struct route route = rules_route(r, rule);
	struct target t;
	size_t i;
	int done = 0;

	if (classes_rule_captures(r, rule))
		return 0;
	for (i = 0; i < route.count && done == 0; i++) {
		t = rules_target(r, rule, i);
		done = take(with, t.kind == TARGET_ADDRESS ? t.local :
		    text_span(&c->local), t.canonical);
	}
	return done;
}
