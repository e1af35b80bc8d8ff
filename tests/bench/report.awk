# usage: awk -v race=NAME -v title=TITLE -f report.awk results
#        awk -v goals=1 -v wildcards=RULES -f report.awk results
# Writes the medians of a race, or what was reached of each goal.  A line of
# the results is one run: race, who, seconds by the clock, seconds of CPU time,
# KiB of memory, bytes and items of the input, separated by tabs.

BEGIN {
	FS = "\t"
}

{
	ran[$1] = 1
	if (!(($1, $2) in runs)) {
		order[++n_order] = $1 SUBSEP $2
		bytes[$1, $2] = $6
		items[$1, $2] = $7
	}
	n = ++runs[$1, $2]
	walls[$1, $2, n] = $3
	cpus[$1, $2, n] = $4
	memories[$1, $2, n] = $5
}

END {
	for (i = 1; i <= n_order; i++) {
		k = order[i]
		wall[k] = median(walls, k)
		cpu[k] = median(cpus, k)
		memory[k] = median(memories, k)
	}
	if (goals)
		say_goals()
	else
		say_race()
}

function median(of, k,  n, i, j, x, sorted) {
	n = runs[k]
	for (i = 1; i <= n; i++) {
		x = of[k, i]
		for (j = i; j > 1 && sorted[j - 1] > x; j--)
			sorted[j] = sorted[j - 1]
		sorted[j] = x
	}
	return n % 2 ? sorted[(n + 1) / 2] : \
	    (sorted[n / 2] + sorted[n / 2 + 1]) / 2
}

function say_race(  i, k, part, first) {
	for (i = 1; i <= n_order; i++) {
		k = order[i]
		split(k, part, SUBSEP)
		if (part[1] != race)
			continue
		if (first == "") {
			first = k
			printf "\n%s%s: %.1f MB\n", title, \
			    (items[k] > 1 ? ", " items[k] " items" : ""), \
			    bytes[k] / 1e6
			printf "  %-26s%10s%10s%10s%10s%10s\n", "", \
			    "CPU ms", "clock ms", "MB/s CPU", "CPU x", \
			    "MB memory"
		}
		printf "  %-26s%10.2f%10.2f%10.1f%10.2f%10.1f\n", part[2], \
		    1e3 * cpu[k], 1e3 * wall[k], \
		    ratio(bytes[k] / 1e6, cpu[k]), \
		    ratio(cpu[k], cpu[first]), memory[k] / 1024
	}
}

function ratio(a, b) {
	return b > 0 ? a / b : 0
}

function say(race, what, goal, by_cpu, by_clock,  line) {
	if (!(race in ran))
		return
	line = sprintf("    %-29s%-27s%9s%10s", what, goal, by_cpu, by_clock)
	sub(/ *$/, "", line)
	print line
}

function times(value) {
	return value > 0 ? sprintf("%.2f x", value) : "-"
}

# The time of one as a multiple of the other's; or the speed.
function say_time(race, what, goal, who, other) {
	say(race, what, goal, times(ratio(cpu[race, who], cpu[race, other])), \
	    times(ratio(wall[race, who], wall[race, other])))
}

function say_speed(race, what, goal, other) {
	say_time(race, what, goal, other, "rewrite")
}

function per_byte(of, race, who) {
	return ratio(of[race, who], bytes[race, who])
}

# Microseconds for each item, without what it takes to load the table.
function each(of, race) {
	return sprintf("%.2f us", 1e6 * ratio(of[race, "rewrite"] - \
	    of[race, "rewrite, no input"], items[race, "rewrite"]))
}

# The worst of the hostile inputs, against an ordinary one of its form.
function worst(of,  i, k, part, form, r, most) {
	for (i = 1; i <= n_order; i++) {
		k = order[i]
		split(k, part, SUBSEP)
		if (part[1] != "hostile" || part[2] ~ /ordinary$/)
			continue
		form = part[2] ~ /lines/ ? "lines" : "field"
		r = ratio(of[k], of["hostile", form ", ordinary"])
		if (r > most) {
			most = r
			worst_who = part[2]
		}
	}
	return most
}

function say_goals(  rules) {
	printf "    %-29s%-27s%9s%10s\n", "", "goal", "CPU", "clock"
	say_time("list", "list, 4 rules", "the time of a bare loop", \
	    "rewrite", "bare loop")
	say_speed("list", "", "4 x as fast as mawk", "mawk")
	say_speed("list", "", "14 x as fast as sed", "sed")
	if ("list" in ran)
		say("names", "list with names, comments", \
		    "3 x mawk's without, a byte", \
		    times(ratio(per_byte(cpu, "list", "mawk"), \
		    per_byte(cpu, "names", "rewrite"))), \
		    times(ratio(per_byte(wall, "list", "mawk"), \
		    per_byte(wall, "names", "rewrite"))))
	rules = items["load", "rewrite"] / 1e6
	say_speed("lookups", "list, " rules "M address rules", \
	    "10 x as fast as mawk", "mawk")
	say("load", "loading " rules "M rules", 0.2 * rules " s", \
	    sprintf("%.2f s", cpu["load", "rewrite"]), \
	    sprintf("%.2f s", wall["load", "rewrite"]))
	say("load", "", "2.5 x the file in memory", times(ratio( \
	    1024 * memory["load", "rewrite"], bytes["load", "rewrite"])), "")
	if (("start", "rewrite, compiled table") in cpu)
		say("start", "start with them compiled", \
		    "1 ms more than with 4", more(cpu), more(wall))
	else
		say("start", "start with them compiled", \
		    "1 ms more than with 4", "no -C", "")
	say_time("mbox", "mbox, " mb("mbox"), "the time of grep -c", \
	    "rewrite", "grep -c '^From '")
	say_time("body", "message, " mb("body") ", in pipes", \
	    "the time of cat", "rewrite", "cat")
	say_time("start", "small message, from start", \
	    "1.2 x the time of cat", "rewrite", "/bin/cat")
	say("hostile", "hostile input", "3 x the time of ordinary", \
	    times(worst(cpu)), times(worst(wall)))
	say("wildcards", "address, " wildcards " wildcards", "-", \
	    each(cpu, "wildcards"), each(wall, "wildcards"))
	say("regexes", "address, 100 regexes", "-", \
	    each(cpu, "regexes"), each(wall, "regexes"))
	say_cores("cores_cheap", "list in halves, 4 rules", \
	    "two, a half each")
	say_cores("cores_cheap", "by GNU parallel", "parallel, 2 at a time")
	say_cores("cores_dear", "list in halves, 100 regexes", \
	    "two, a half each")
	say_cores("cores_dear", "by GNU parallel", "parallel, 2 at a time")
	worst(cpu)
	if ("hostile" in ran)
		print "\nThe hostile input that took longest, by CPU time: " \
		    worst_who
}

# How much sooner two processes on two cores are done than one.
function say_cores(race, what, who) {
	if ((race, who) in wall)
		say(race, what, "2 x as fast as one", "", \
		    times(ratio(wall[race, "rewrite"], wall[race, who])))
}

function more(of) {
	return sprintf("%.2f ms", 1e3 * \
	    (of["start", "rewrite, compiled table"] - of["start", "rewrite"]))
}

function mb(race) {
	return sprintf("%.0f MB", bytes[race, "rewrite"] / 1e6)
}
