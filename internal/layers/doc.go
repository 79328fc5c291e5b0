// Package layers holds the architecture as a test: who may import whom, and how long files and functions may be.
package layers
