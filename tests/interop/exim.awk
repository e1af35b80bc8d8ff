# Rules, made from a seed, as rewriting rules of Exim (want=exim) or as a table
# (want=table), or mailboxes to rewrite by them (want=mailboxes).
#
# mode=once: the first rule that matches is the only one.  mode=chain: Exim goes
# on down its list.  There the domains stand in layers, and a target is in a
# layer behind that of its pattern, so that its rules come later in the list.
#
# Each rule stands behind a key to sort them by, and a tab: for Exim, which
# takes them in their order, the layer, and then the most specific first.

function below(n) {
	state = (state * 16807) % 2147483647
	return int(state / 65536) % n
}

function any(list,	words, n) {
	n = split(list, words, " ")
	return words[1 + below(n)]
}

function domain(layer) {
	return prefixes[1 + below(4)] bases[layer]
}

# A domain such that there are others below it.
function parent(layer) {
	return (below(2) ? "x." : "") bases[layer]
}

function later(layer) {
	return layer + 1 + below(3 - layer)
}

# Of rules of one rank the one with the longer domain is first.
function put(layer, rank, where, exim, table) {
	if (want == "exim")
		printf "%d %d %03d %03d\t%s\n", mode == "chain" ? layer : 0, \
		    rank, 999 - length(where), n++, exim
	else if (table != "")
		printf "%03d\t%s\n", n++, table
}

# A rule of both, or an exception to wider ones.
function say(layer, rank, where, exim, to, table, route) {
	if (exim in said)
		return
	said[exim] = 1
	if (below(8) == 0)
		put(layer, rank, where, exim "  *", table "  keep")
	else
		put(layer, rank, where, \
		    exim "  " to (mode == "once" ? "  q" : ""), \
		    table "  " route)
}

function address_rule(layer,	a, t) {
	a = any(locals) "@" domain(layer)
	t = any(locals) "@" domain(later(layer))
	say(layer, 1, "", a, t, a, t)
}

# A local part in the domains below one.
function local_rule(layer,	d, a, t) {
	d = parent(layer)
	a = any(locals) "@*." d
	t = any(locals) "@" (below(2) ? "$1." : "") bases[later(layer)]
	say(layer, 2, d, a, t, a, t)
}

# A local part of a form, and a regular expression.
function form_rule(layer,	d, a, t) {
	a = "*" any("-sales on e") "@"
	if (below(2)) {
		a = a domain(layer)
		t = "s.$1@" domain(later(layer))
	} else {
		a = a "*." parent(layer)
		t = "$1@$2." bases[later(layer)]
	}
	say(layer, 3, "", a, t, a, t)
}

function regex_rule(layer,	r, t) {
	r = domain(layer)
	gsub(/\./, "\\.", r)
	r = "(.)\\.(.+)@" r "$"
	t = "$2.$1@" domain(later(layer))
	say(layer, 3, "", "\\N^(?i)" r "\\N", t, "/^" r "/", t)
}

function domain_rule(layer,	d, t) {
	d = domain(layer)
	t = domain(later(layer))
	say(layer, 4, "", "*@" d, "$1@" t, d, t)
}

function wildcard_rule(layer,	d, t) {
	d = parent(layer)
	t = (below(2) ? "$2." : "") bases[later(layer)]
	say(layer, 5, d, "*@*." d, "$1@" t, "*." d, \
	    t ~ /^\$/ ? "$1" substr(t, 3) : t)
}

# Local parts in any domain, for which there is no other rule.  Exim is told
# before every layer, since an address may come to any.
function anywhere(	layer) {
	for (layer = 0; layer < 3; layer++) {
		put(layer, 0, "", "abuse@*  abuse@security.example", \
		    layer > 0 ? "" : "abuse@*  abuse@security.example")
		put(layer, 0, "", "root@*  *", layer > 0 ? "" : "root@*  keep")
	}
}

function rules(	i, layer, kind) {
	anywhere()
	for (i = 0; i < 100; i++) {
		layer = below(3)
		kind = any("address local form regex domain wildcard")
		if (kind == "address")
			address_rule(layer)
		else if (kind == "local")
			local_rule(layer)
		else if (kind == "form")
			form_rule(layer)
		else if (kind == "regex")
			regex_rule(layer)
		else if (kind == "domain")
			domain_rule(layer)
		else
			wildcard_rule(layer)
	}
}

# An address in any domain and case, alone and as others write it.
function mailbox(local, d,	a) {
	a = local "@" (below(4) ? d : toupper(d))
	return any("@ @ <@> Jane~Doe~<@> \"Doe,~J.\"~<@>~(at~work) " \
	    "@~(J.~Doe) =?UTF-8?Q?J=C3=A9?=~<@>") SUBSEP a
}

function mailboxes(	i, j, k, m, n_names, names, form) {
	n_names = split(locals " abuse root s.x Anna B.Smith C.d.F jason " \
	    "x=y/z nobody -v \"a~b\" \"q@q\" \"C.\"", names, " ")
	bases[4] = "elsewhere.example"
	for (i = 1; i <= n_names; i++)
		for (j = 0; j < 5; j++)
			for (k = 1; k <= n_prefixes; k++) {
				m = mailbox(names[i], prefixes[k] bases[j])
				form = substr(m, 1, index(m, SUBSEP) - 1)
				sub(/@/, substr(m, index(m, SUBSEP) + 1), form)
				gsub(/~/, " ", form)
				print form
			}
}

BEGIN {
	state = seed * 7919 + 1
	locals = "jane j.doe kim a+b o'brien x-sales anderson"
	n_prefixes = split("|q.|x.|y.x.|z.y.x.|p.q.", prefixes, "|")
	bases[0] = "cpandl.net"
	bases[1] = "adatum.com"
	bases[2] = "fabrikam.example"
	bases[3] = "final.example"
	if (want == "mailboxes")
		mailboxes()
	else
		rules()
}
