// Package mailtest holds a Sender to its contract and lets a slice's tests
// read the messages that they wrote.
package mailtest
