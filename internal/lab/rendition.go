package lab

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"io"
	"time"

	"safelight/internal/blob"
	"safelight/internal/picture"
)

const smallQuality = 82

// smaller makes the thumbnail and the preview of an image's pixels.
func smaller(ctx context.Context, i *Image, pixels image.Image) ([]file, error) {
	i.smallFormat = picture.JPEG
	if i.Alpha && i.Format != picture.JPEG {
		i.smallFormat = picture.WebP
	}
	preview := picture.Thumbnail(pixels, PreviewSide)
	shown, err := encoded(ctx, preview, i.smallFormat)
	if err != nil {
		return nil, err
	}
	listed, err := encoded(ctx, picture.Thumbnail(preview, ThumbnailSide), i.smallFormat)
	if err != nil {
		return nil, err
	}
	i.keys.preview, i.keys.thumb = blob.NewKey("image"), blob.NewKey("image")
	shown.key, listed.key = i.keys.preview, i.keys.thumb
	return []file{shown, listed}, nil
}

func encoded(ctx context.Context, img image.Image, f picture.Format) (file, error) {
	var b bytes.Buffer
	if err := picture.Encode(ctx, &b, img, f, picture.Options{Quality: smallQuality}); err != nil {
		return file{}, fmt.Errorf("lab: small picture: %w", err)
	}
	return file{mediaType: f.MediaType(), size: int64(b.Len()), content: bytes.NewReader(b.Bytes())}, nil
}

// Content is what a rendition is served with. MediaType is of our own making,
// Name is safe in a Content-Disposition header once it is encoded for one.
type Content struct {
	Name      string
	MediaType string
	Size      int64
	Modified  time.Time
}

// Open gives the bytes of one of an image's files, to be closed. The image
// comes from [Lab.Find], which knows whose it is.
func (l *Lab) Open(ctx context.Context, i Image, r Rendition) (io.ReadSeekCloser, Content, error) {
	key, f := i.keys.file, i.Format
	c := Content{Name: i.Name}
	switch r {
	case File:
	case Thumbnail:
		key, f, c.Name = i.keys.thumb, i.smallFormat, picture.Rename(i.Name, "-thumbnail", i.smallFormat)
	case Preview:
		key, f, c.Name = i.keys.preview, i.smallFormat, picture.Rename(i.Name, "-preview", i.smallFormat)
	default:
		return nil, Content{}, ErrNoImage
	}
	content, info, err := l.Blobs.Open(ctx, key)
	if err != nil {
		return nil, Content{}, fmt.Errorf("lab: open %s of %s: %w", r, i.ID, err)
	}
	c.MediaType, c.Size, c.Modified = f.MediaType(), info.Size, info.ModTime
	return content, c, nil
}
