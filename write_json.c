#include <stdlib.h>

#include "write_json.h"
#include "write_route.h"

/* RFC 8259, 7. */
static int
add_string(struct text *t, struct span s)
{
	static const char replacement[] = "\xef\xbf\xbd";
	const char *end = s.s + s.len;
	size_t len;
	long point;

	if (text_add_byte(t, '"') == -1)
		return -1;
	for (; s.s < end; s.s += len) {
		len = utf8_point(span_between(s.s, end), &point);
		if (len == 0) {
			len = 1;
			if (text_add(t, replacement, 3) == -1)
				return -1;
		} else if (point < 0x20) {
			if (text_printf(t, "\\u%04x", (unsigned)point) ==
			    -1)
				return -1;
		} else {
			if ((*s.s == '"' || *s.s == '\\') &&
			    text_add_byte(t, '\\') == -1)
				return -1;
			if (text_add(t, s.s, len) == -1)
				return -1;
		}
	}
	return text_add_byte(t, '"');
}

/* ,"name":"value", or null if there is none. */
static int
add_member(struct text *t, const char *name, bool is_there,
    struct span value)
{
	if (text_printf(t, ",\"%s\":", name) == -1)
		return -1;
	return is_there ? add_string(t, value) : text_add(t, "null", 4);
}

static int
add_address(struct write_json *w, struct span local, struct span domain)
{
	w->room.len = 0;
	return address_add(&w->room, local, domain) == -1 ? -1 :
	    add_string(&w->line, text_span(&w->room));
}

static int
add_rule(struct write_json *w, const struct hop *hop)
{
	const struct rules *rules = router_rules(w->router);

	if (text_add(&w->line, "{\"file\":", 8) == -1 ||
	    add_string(&w->line, rules_file(rules, hop->rule)) == -1)
		return -1;
	return text_printf(&w->line, ",\"line\":%zu}",
	    rules_line(rules, hop->rule));
}

static int
add_rules(struct write_json *w, const struct destination *d)
{
	size_t i, n = router_trail(w->router, d, NULL, 0);
	struct hop *hops = calloc(n + 1, sizeof(*hops));
	int done = -1;

	if (hops == NULL)
		return -1;
	router_trail(w->router, d, hops, n);
	for (i = 0; i < n; i++)
		if ((i > 0 && text_add_byte(&w->line, ',') == -1) ||
		    add_rule(w, &hops[i]) == -1)
			goto out;
	done = 0;
out:
	free(hops);
	return done;
}

static int
add_line(struct write_json *w, const struct address *a,
    const struct destination *d)
{
	struct text *t = &w->line;

	t->len = 0;
	if (text_printf(t, "{\"received\":") == -1 ||
	    add_address(w, a->local, a->domain) == -1 ||
	    text_printf(t, ",\"action\":\"%s\",\"address\":",
	    write_route_action(d->action)) == -1 ||
	    add_address(w, d->local, d->domain) == -1 ||
	    add_member(t, "host", d->action == FORWARD, d->detail) == -1 ||
	    add_member(t, "text", d->action == REJECT, d->detail) == -1 ||
	    text_printf(t, ",\"rules\":[") == -1 ||
	    add_rules(w, d) == -1)
		return -1;
	return text_add(t, "]}\n", 3);
}

static int
recipient(void *state, const struct address *a, const struct outcome *o)
{
	struct write_json *w = state;
	size_t i;

	for (i = 0; i < o->count; i++) {
		if (add_line(w, a, &o->destinations[i]) == -1)
			return -1;
		output_write(w->out, text_span(&w->line));
	}
	return 0;
}

struct writer
write_json(struct write_json *w, struct output *out,
    const struct router *router)
{
	*w = (struct write_json){ .out = out, .router = router };
	return (struct writer){ .state = w, .envelope = true,
		.recipient = recipient };
}

void
write_json_free(struct write_json *w)
{
	text_free(&w->line);
	text_free(&w->room);
}
