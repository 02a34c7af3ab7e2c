package payment

import "time"

// InboxState is what became of a notice.
type InboxState string

// The states. received → done, ignored or parked.
const (
	Received InboxState = "received" // to be worked
	Done     InboxState = "done"
	Ignored  InboxState = "ignored" // about nothing that concerns us
	Parked   InboxState = "parked"  // a person or a later flow has to look
)

// Notice is a row of the inbox.
type Notice struct {
	ID         InboxID
	Processor  string
	Event      string // the processor's id, unique
	Type       string
	Topic      Topic
	Object     string
	Live       bool
	State      InboxState
	Attempts   int64
	Error      string // of the last attempt, or why it is parked
	ReceivedAt time.Time
	WorkedAt   time.Time
}

// Alert is something about money that a person has to look at.
type Alert struct {
	Key     string // what it is about, unique: an alert is raised once
	Reason  string // mismatch.amount, duplicate, …
	Order   string
	Session SessionID
	Payment string
	Detail  string
	At      time.Time
}
