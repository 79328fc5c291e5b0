// Command nexbench runs the queries of the Nexmark benchmark on a streamsqld of its own, one after the other, and writes the speeds into a
// section of docs/benchmarks.md.
package main
