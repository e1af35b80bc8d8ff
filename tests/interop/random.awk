# A table of Postfix (want=table) in a format, made from a seed, or addresses
# to look up in it.  Domains stand in layers, and targets are in a layer behind
# that of their key, so that nothing loops.

function below(n) {
	state = (state * 16807) % 2147483647
	return state % n
}

function any(list,	words, n) {
	n = split(list, words, " ")
	return words[1 + below(n)]
}

# In a list '~' stands for a blank, '!' for a tab and '|' for a line end.
function spell(s) {
	gsub(/~/, " ", s)
	gsub(/!/, "\t", s)
	gsub(/[|]/, "\n", s)
	return s
}

function name() {
	if (below(3) == 0)
		return "u" below(30)
	return any(locals)
}

function domain(layer) {
	return any(domains[layer])
}

function target(layer) {
	if (layer == 0 && below(8) == 0)
		return "nobody" below(5)
	return any(locals) "@" domain(layer + 1 + below(3 - layer))
}

function targets(layer, key, n,	t) {
	if (below(6) == 0)
		return "@" domain(layer + 1 + below(3 - layer))
	t = n > 1 && key ~ /.@/ && below(6) == 0 ? key : target(layer)
	for (n = below(n); n > 0; n--)
		t = t any(", ,|~~ ,~ ,") target(layer)
	return t
}

# Each key once; postmap(1) would drop the second, with a warning.
function say(key, value,	same) {
	same = tolower(key)
	if (format != "transport" && same !~ /@/)
		same = same "@home.example"
	if (same in said)
		return
	said[same] = 1
	print spell(key (format == "aliases" ? any(": ~:~") : \
	    any("~ ~~ !")) value)
	if (below(20) == 0)
		print spell(any("#~a~comment ~~#~another |#"))
}

function address_line(	layer, key) {
	layer = below(3)
	key = name() "@" domain(layer)
	if (below(5) == 0)
		key = "@" domain(layer)
	else if (layer == 0 && below(3) == 0) {
		key = name()
		sub(/\+.*/, "", key)
	}
	say(key, targets(layer, key, format == "virtual" ? 4 : 1))
}

function transport_line(	key) {
	key = any("@ @ . *") 
	if (key == "@")
		key = name() "@" domain(below(4))
	else if (key == ".")
		key = any(". ~") domain(below(4))
	gsub(/^~/, "", key)
	say(key, any("smtp:[h" below(9) ".example] smtp:h.example:" \
	    (1 + below(99)) " : local: discard:x error:5.1.1~no~such " \
	    "relay:[192.0.2." below(9) "] :[h] error:gone smtp:"))
}

# A name leads to names behind it, or to addresses elsewhere.
function alias_value(i) {
	return below(3) == 0 ? any(locals) "@final.example" : \
	    "u" (i + 1 + below(9))
}

function alias_line(	i, key, value) {
	i = below(60)
	key = i < 50 ? "u" i : any(locals)
	value = below(12) == 0 ? "/dev/null" : alias_value(i)
	if (value != "/dev/null")
		for (; below(3) == 0;)
			value = value any(", ,|~~ ,~") alias_value(i)
	say(key, value)
}

function line() {
	if (format == "transport")
		transport_line()
	else if (format == "aliases")
		alias_line()
	else
		address_line()
}

function ask(user, where,	a) {
	a = spell(user "@" where)
	if (a in asked)
		return
	asked[a] = 1
	print below(9) == 0 ? toupper(a) : a
}

function addresses(	d, i, j, n, names, all, details, m) {
	m = split("home.example one.example sub.one.example " \
	    "deep.sub.one.example two.example three.example final.example " \
	    "elsewhere.example", all, " ")
	n = split(locals, names, " ")
	for (i = 0; i < 60; i++)
		names[++n] = "u" i
	split(" +d +q", details, " ")
	for (i = 1; i <= n; i++)
		for (j = 1; j <= m; j++) {
			ask(names[i], all[j])
			if (names[i] !~ /[+"]/)
				ask(names[i] details[1 + below(2)], all[j])
		}
}

BEGIN {
	state = seed + length(format) * 1000
	for (n = 0; n < 9; n++)
		below(2)
	locals = "a b c j.doe a+d b+d b+d+e x*y \"x~y\" B2 d$1 /r/ 50%off"
	if (format == "aliases")	# others are files, or not local
		locals = "a b c j.doe a+d b+d b+d+e x*y \"x~y\" B2 d$1"
	domains[0] = "home.example one.example sub.one.example"
	domains[1] = "two.example One.Two.Example"
	domains[2] = "three.example"
	domains[3] = "final.example keep"
	if (want == "addresses") {
		addresses()
		exit
	}
	print "# A table\n"
	if (format == "virtual")
		print "one.example anything"
	for (n = 0; n < 120; n++)
		line()
}
