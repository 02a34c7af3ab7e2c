package lab

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"safelight/internal/account"
	"safelight/internal/blob"
	"safelight/internal/db"
	"safelight/internal/fault"
	"safelight/internal/id"
	"safelight/internal/picture"
)

// Take makes an image of an upload of who's. The name is only for show. What r
// holds is spooled, judged by its content, freed of everything that is not
// picture, decoded in full and kept. Refusals are [ErrTooLarge], [ErrBrokenOff]
// and those of package picture.
func (l *Lab) Take(ctx context.Context, who account.ID, name string, r io.Reader) (Image, error) {
	spooled, err := l.spool(r)
	if err != nil {
		return Image{}, err
	}
	defer spooled.drop()
	select {
	case l.taking <- struct{}{}:
		defer func() { <-l.taking }()
	case <-ctx.Done():
		return Image{}, fmt.Errorf("lab: take: %w", ctx.Err())
	}
	i, files, err := l.inspect(ctx, spooled)
	if err != nil {
		return Image{}, err
	}
	i.Account, i.Name = who, picture.Rename(name, "", i.Format)
	return l.keep(ctx, i, files)
}

// spooled is an upload in a file of ours.
type spooled struct {
	*os.File
	size   int64
	sha256 string
}

func (s *spooled) drop() { discardScratch(s.File) }

// scratch makes a file that has no name any more, where the system allows that,
// so that a crash leaves nothing of a photo in the folder.
func (l *Lab) scratch() (*os.File, error) {
	f, err := os.CreateTemp(l.Spool, "safelight-*")
	if err != nil {
		return nil, fmt.Errorf("lab: spool: %w", err)
	}
	_ = os.Remove(f.Name()) // else discardScratch does
	return f, nil
}

func discardScratch(f *os.File) {
	_ = f.Close()
	_ = os.Remove(f.Name())
}

// spool reads r to its end, or to the limit. Many slow uploads cost no memory.
func (l *Lab) spool(r io.Reader) (*spooled, error) {
	f, err := l.scratch()
	if err != nil {
		return nil, err
	}
	s := &spooled{File: f}
	sum := sha256.New()
	source := &source{r: io.LimitReader(r, l.limits.Bytes+1)}
	s.size, err = io.Copy(io.MultiWriter(f, sum), source)
	s.sha256 = hex.EncodeToString(sum.Sum(nil))
	switch {
	case source.err != nil:
		err = brokenOff(source.err)
	case err != nil:
		err = fmt.Errorf("lab: spool: %w", err)
	case s.size > l.limits.Bytes:
		err = l.tooLarge()
	}
	if err != nil {
		s.drop()
		return nil, err
	}
	return s, nil
}

func (l *Lab) tooLarge() error {
	return ErrTooLarge.With(fault.Args{"limit": l.limits.Bytes / 1_000_000})
}

// source remembers how its reader failed, to tell that from the disk's failure.
type source struct {
	r   io.Reader
	err error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}

// brokenOff keeps a fault of the reader, and makes anything else the sender's.
func brokenOff(err error) error {
	if fault.Of(err).Kind != fault.Internal || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return err
	}
	return ErrBrokenOff.Because(err)
}

// inspect judges an upload and makes the files to keep of it.
func (l *Lab) inspect(ctx context.Context, s *spooled) (Image, []file, error) {
	data := make([]byte, s.size)
	if _, err := s.ReadAt(data, 0); err != nil && !errors.Is(err, io.EOF) {
		return Image{}, nil, fmt.Errorf("lab: spool: %w", err)
	}
	info, err := picture.Probe(data, l.limits)
	if err != nil {
		return Image{}, nil, err
	}
	clean, err := picture.Clean(data, info)
	if err != nil {
		return Image{}, nil, err
	}
	p, err := picture.Decode(ctx, clean, l.limits, l.Budget)
	if err != nil {
		return Image{}, nil, err
	}
	defer p.Release()
	if p.Info.Width != info.Width || p.Info.Height != info.Height {
		return Image{}, nil, picture.ErrDamaged.Because(fmt.Errorf("%dx%d became %dx%d", info.Width, info.Height, p.Info.Width, p.Info.Height))
	}
	i := Image{ID: id.New[ImageID](imagePrefix), Role: Original, Format: info.Format, Width: info.Width, Height: info.Height,
		Alpha: info.Alpha, Bytes: s.size, SHA256: s.sha256}
	small, err := smaller(ctx, &i, p.Image)
	if err != nil {
		return Image{}, nil, err
	}
	i.keys.file = blob.NewKey("image")
	whole := file{i.keys.file, i.Format.MediaType(), int64(len(clean)), bytes.NewReader(clean)}
	return i, append(small, whole), nil
}

// keep stores an original with its files.
func (l *Lab) keep(ctx context.Context, i Image, files []file) (Image, error) {
	if err := l.put(ctx, files); err != nil {
		return Image{}, fmt.Errorf("lab: take: %w", err)
	}
	i, err := db.Do(ctx, l.DB, func(tx *db.Tx) (Image, error) {
		if err := own(ctx, tx, keysOf(files)); err != nil {
			return Image{}, err
		}
		return l.register(ctx, tx, i)
	})
	if err != nil {
		l.discard(ctx, files)
		return Image{}, fmt.Errorf("lab: take: %w", err)
	}
	return i, nil
}

// register writes an image's row, with the time for which the shop keeps it.
func (l *Lab) register(ctx context.Context, tx *db.Tx, i Image) (Image, error) {
	last := time.Duration(l.Limits.KeepOriginals)
	if i.Role == Made {
		last = time.Duration(l.Limits.KeepResults)
	}
	if err := l.room(ctx, tx, i); err != nil {
		return Image{}, err
	}
	i.Created = tx.Now()
	i.Expires = i.Created.Add(last)
	return i, insertImage(ctx, tx, i)
}

// room refuses an upload to an account whose pictures take up all that one may
// have. A result is always kept: it has been asked and paid for.
func (l *Lab) room(ctx context.Context, tx *db.Tx, i Image) error {
	if i.Role == Made {
		return nil
	}
	held, err := stored(ctx, tx, i.Account)
	if err == nil && held+i.Bytes > l.Limits.MaxStoredBytes {
		err = ErrFull.With(fault.Args{"limit": l.Limits.MaxStoredBytes / 1_000_000})
	}
	return err
}
