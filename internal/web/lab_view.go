package web

// LabView is the reader's bench: where photos are laid down and what became of them.
type LabView struct {
	Page
	Drop    Drop
	Items   []BenchItem
	KeptFor string // "Photos are kept for 72 hours, then deleted."
	Older   string
}

// Drop is the place where photos are laid down.
type Drop struct {
	Accept string // of the file input
	Limits string // "JPEG, PNG, …, up to 50 MB and 50 megapixels each"
	Bytes  int64  // most that one file may have
	Tus    string // address for resumable uploads; empty without
}

// A BenchItem is one photo with the latest that was done to it.
type BenchItem struct {
	ID      string // the item that moves by itself is item-ID
	URL     string
	Name    string
	Thumb   string
	Facts   string // "1280 × 960 px, 1.2 MB"
	State   State
	Percent int // of the work done; below zero when nothing is under way
	Note    string
}

// ImageView is one photo and what can be done to it.
type ImageView struct {
	Page
	ID            string
	Name          string
	Preview       string
	Width, Height int
	Facts         string
	Expiry        string
	Problem       string
	Once          string // tells a form that is sent twice from two forms
	Operations    []Option
	Scales        []Option
	Strengths     []Option
	Models        []Option // for enlarging; not shown when there is one alone
	Formats       []Option
	Quote         Quote
	Done          []BenchItem // what was made of it before
}

// A Quote is what the chosen work costs. When it is not possible, Problem says why.
type Quote struct {
	Cost    string // "8 credits"
	Credits int64  // what the confirm button agrees to
	Facts   []Fact // output size, time, balance afterwards
	Where   string // whose machine does it, and whose terms apply
	Problem string
	Buy     string // set when credits are missing: where to get them
	Confirm string // "Develop for 8 credits"
}

// JobView is one piece of work: waiting, under way, or done.
type JobView struct {
	Page
	ID       string // the part that moves by itself is job-ID
	Name     string
	State    State
	Percent  int // below zero when nothing is under way
	Line     string
	Image    string // preview of the photo while there is no result
	Alt      string
	Compare  *Compare
	Facts    []Fact
	Download string
	Format   string // "Download JPEG, 4.1 MB"
	Cancel   bool
	Again    string // address of the photo's page
	Expiry   string
	Delete   string // address of the confirmation
}

// ConfirmView asks once more before something that cannot be taken back.
type ConfirmView struct {
	Page
	Heading string
	Text    string
	Points  []string
	Action  string
	Button  string
	Back    string
}
