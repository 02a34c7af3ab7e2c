package edition

import (
	"bytes"
	"io"
	"io/fs"
	"maps"
	"slices"
	"time"
)

// folder is a flat folder of files in memory.
type folder map[string][]byte

func (f folder) names() []string { return slices.Sorted(maps.Keys(f)) }

// readFolder reads the Markdown files of a folder.
func readFolder(from fs.FS) (folder, error) {
	files, err := fs.Glob(from, "*.md")
	if err != nil {
		return nil, err
	}
	all := folder{}
	for _, name := range files {
		if all[name], err = fs.ReadFile(from, name); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// Open makes a folder a file system.
func (f folder) Open(name string) (fs.File, error) {
	data, ok := f[name]
	switch {
	case name == ".":
		return &opened{file: file{name: name, folder: true}, entries: f.entries()}, nil
	case !ok:
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return &opened{file: file{name: name, size: len(data)}, Reader: bytes.NewReader(data)}, nil
}

func (f folder) entries() []fs.DirEntry {
	all := []fs.DirEntry{}
	for _, name := range f.names() {
		all = append(all, fs.FileInfoToDirEntry(file{name: name, size: len(f[name])}))
	}
	return all
}

// opened is a file, or the folder itself, that is being read.
type opened struct {
	file
	*bytes.Reader
	entries []fs.DirEntry
}

func (o *opened) Stat() (fs.FileInfo, error) { return o.file, nil }
func (o *opened) Size() int64                { return o.file.Size() }
func (o *opened) Close() error               { return nil }

func (o *opened) Read(p []byte) (int, error) {
	if o.Reader == nil {
		return 0, &fs.PathError{Op: "read", Path: o.name, Err: fs.ErrInvalid}
	}
	return o.Reader.Read(p)
}

func (o *opened) ReadDir(n int) ([]fs.DirEntry, error) {
	if n <= 0 {
		n = len(o.entries)
	} else if len(o.entries) == 0 {
		return nil, io.EOF
	}
	n = min(n, len(o.entries))
	next := o.entries[:n]
	o.entries = o.entries[n:]
	return next, nil
}

// file is what is known of a file.
type file struct {
	name   string
	size   int
	folder bool
}

func (f file) Name() string       { return f.name }
func (f file) Size() int64        { return int64(f.size) }
func (f file) ModTime() time.Time { return time.Time{} }
func (f file) IsDir() bool        { return f.folder }
func (f file) Sys() any           { return nil }

func (f file) Mode() fs.FileMode {
	if f.folder {
		return fs.ModeDir | 0o500
	}
	return 0o400
}
