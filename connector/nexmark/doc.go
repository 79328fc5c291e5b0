// Package nexmark generates the events of the Nexmark benchmark: persons, auctions and bids (1 : 3 : 46), always the same for a seed.
//
// Event n can be made by itself: its d-th random number is splitmix64's output for the counter n * 4096 + d. So a position is the number
// of events before it, a split is a range of events, and what nobody wants is not made. bids.go has another, simpler data set: the files
// of the speed comparison.
package nexmark
