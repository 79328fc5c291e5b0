// Package optimizer rewrites bound plans and settles what the watermark means for them.
//
// Optimize applies an ordered list of rules (rules.go), each in a file of its own: a rule gets a plan and gives an equal one. Continuous
// does the same for a continuous query and then runs the finality analysis (finality.go): which columns carry event time, when a group can
// change no more, whether the result is append-only, what identifies a result row; and so whether the output mode can be honoured.
package optimizer
