package lab

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/tus/tusd/v2/pkg/handler"

	"safelight/internal/account"
	"safelight/internal/blob"
	"safelight/internal/db"
)

const (
	uploadPrefix = "upl"
	// pieceSize is how much of an upload is held in memory, and can be lost, at
	// a time.
	pieceSize = 2 << 20
)

var blobMissing = blob.ErrNotFound

// An upload is one that arrives in pieces.
type upload struct {
	id    string
	who   account.ID
	name  string
	bytes int64
	got   int64
	image ImageID // that it became
	parts []part
}

// A part of an upload is a blob.
type part struct {
	at, bytes int64
	blob      string
}

// arrivals is the protocol's store over our database and storage.
type arrivals struct{ lab *Lab }

// arriving is an upload as the protocol sees it.
type arriving struct {
	*arrivals
	upload
}

// NewUpload implements handler.DataStore.
func (s *arrivals) NewUpload(ctx context.Context, info handler.FileInfo) (handler.Upload, error) {
	u := upload{id: info.ID, who: visitOf(ctx).who, name: info.MetaData["filename"], bytes: info.Size}
	err := s.lab.DB.InTx(ctx, func(tx *db.Tx) error { return beginUpload(ctx, tx, u) })
	if err != nil {
		return nil, broke(ctx, err)
	}
	return &arriving{s, u}, nil
}

// GetUpload implements handler.DataStore. Ids of another shape are nobody's.
func (s *arrivals) GetUpload(ctx context.Context, id string) (handler.Upload, error) {
	u, err := s.find(ctx, id)
	if err != nil {
		return nil, err
	}
	return u, nil
}

func (s *arrivals) find(ctx context.Context, id string) (*arriving, error) {
	if blob.CheckKey(id) != nil || len(id) > 100 {
		return nil, broke(ctx, ErrNoUpload)
	}
	u, err := db.Ask(ctx, s.lab.DB, func(tx *db.Tx) (upload, error) { return findUpload(ctx, tx, visitOf(ctx).who, id) })
	if err != nil {
		return nil, broke(ctx, err)
	}
	return &arriving{s, u}, nil
}

// AsTerminatableUpload implements handler.TerminaterDataStore.
func (s *arrivals) AsTerminatableUpload(u handler.Upload) handler.TerminatableUpload {
	return u.(*arriving)
}

// GetInfo implements handler.Upload.
func (u *arriving) GetInfo(context.Context) (handler.FileInfo, error) {
	return handler.FileInfo{ID: u.id, Size: u.bytes, Offset: u.got, MetaData: handler.MetaData{"filename": u.name}}, nil
}

// WriteChunk implements handler.Upload. Each piece is on stable storage before
// it counts, and of two writers at one place one loses.
func (u *arriving) WriteChunk(ctx context.Context, offset int64, src io.Reader) (int64, error) {
	buffer := make([]byte, min(pieceSize, u.bytes-offset))
	var written int64
	for offset+written < u.bytes {
		n, err := io.ReadFull(src, buffer[:min(int64(len(buffer)), u.bytes-offset-written)])
		if n > 0 {
			if err := u.add(ctx, part{at: offset + written, bytes: int64(n), blob: blob.NewKey("upload")}, buffer[:n]); err != nil {
				return written, broke(ctx, err)
			}
			written += int64(n)
		}
		if err != nil {
			break // the end; the protocol knows whether it is a good one
		}
	}
	return written, nil
}

func (u *arriving) add(ctx context.Context, p part, content []byte) error {
	l, expires := u.lab, u.lab.DB.Clock().Now().Add(keepUpload)
	if err := l.DB.InTx(ctx, func(tx *db.Tx) error { return intend(ctx, tx, []string{p.blob}, expires) }); err != nil {
		return err
	}
	err := l.Blobs.Put(ctx, p.blob, bytes.NewReader(content), p.bytes, "")
	if err == nil {
		err = l.DB.InTx(ctx, func(tx *db.Tx) error { return addPart(ctx, tx, u.upload, p) })
	}
	if err != nil {
		l.discard(ctx, []file{{key: p.blob}})
		return err
	}
	u.got += p.bytes
	return nil
}

// GetReader implements handler.Upload; nothing asks for it.
func (u *arriving) GetReader(ctx context.Context) (io.ReadCloser, error) {
	return u.lab.reader(ctx, u.upload), nil
}

// FinishUpload implements handler.Upload: the image is made after it.
func (u *arriving) FinishUpload(context.Context) error { return nil }

// Terminate implements handler.TerminatableUpload.
func (u *arriving) Terminate(ctx context.Context) error {
	blobs, err := db.Do(ctx, u.lab.DB, func(tx *db.Tx) ([]string, error) { return dropUploads(ctx, tx, u.who, u.id) })
	if err == nil {
		err = u.lab.remove(ctx, blobs)
	}
	if err != nil {
		return broke(ctx, err)
	}
	return nil
}

// pieces reads an upload's parts one after another.
type pieces struct {
	ctx   context.Context
	store blob.Store
	parts []part
	open  io.ReadCloser
}

func (l *Lab) reader(ctx context.Context, u upload) io.ReadCloser {
	return &pieces{ctx: ctx, store: l.Blobs, parts: u.parts}
}

func (p *pieces) Read(b []byte) (int, error) {
	for {
		if p.open == nil {
			if len(p.parts) == 0 {
				return 0, io.EOF
			}
			r, _, err := p.store.Open(p.ctx, p.parts[0].blob)
			if err != nil {
				return 0, fmt.Errorf("lab: a part of an upload: %w", err)
			}
			p.open, p.parts = r, p.parts[1:]
		}
		n, err := p.open.Read(b)
		if n > 0 || err == nil {
			return n, nil
		}
		if !errors.Is(err, io.EOF) {
			return 0, err
		}
		if err := p.Close(); err != nil {
			return 0, err
		}
	}
}

func (p *pieces) Close() error {
	if p.open == nil {
		return nil
	}
	r := p.open
	p.open = nil
	return r.Close()
}
