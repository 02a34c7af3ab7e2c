package sandbox

import (
	"context"
	"encoding/json"
	"math/rand/v2"

	"safelight/internal/db"
)

// The ways of delivering events.
const (
	modeNormal    = "normal"
	modeDrop      = "drop"      // nothing arrives; the API still lists the events
	modeHold      = "hold"      // nothing arrives until it is released
	modeDuplicate = "duplicate" // everything arrives twice
	modeShuffle   = "shuffle"   // what happens together arrives in any order
)

const settingMode = "webhook_mode"

// emit writes an event about an object as it is now, and its deliveries.
func emit(ctx context.Context, tx *db.Tx, kind string, o object) error {
	snapshot, err := public(o)
	if err != nil {
		return err
	}
	e := event{ID: newID("evt_"), Object: kindEvent, APIVersion: apiVersion, Created: tx.Now().Unix(),
		Data: eventData{snapshot}, PendingWebhooks: 1, Type: kind}
	if err := save(ctx, tx, e); err != nil {
		return err
	}
	mode, err := peekSetting(ctx, tx, settingMode, modeNormal)
	if err != nil {
		return err
	}
	state, rank, times := "waiting", int64(0), 1
	switch mode {
	case modeDrop:
		state = "dropped"
	case modeHold:
		state = "held"
	case modeDuplicate:
		times = 2
	case modeShuffle:
		rank = rand.Int64N(1 << 40)
	}
	for range times {
		if err := insertDelivery(ctx, tx, newID("dlv_"), e.ID, state, rank); err != nil {
			return err
		}
	}
	return nil
}

// public is an object as events show it.
func public(o any) (json.RawMessage, error) {
	data, err := json.Marshal(o)
	if err != nil {
		return nil, err
	}
	return shown(data, false)
}

// shown is a stored object as the API shows it: without what the sandbox keeps
// in it for itself, and without its items unless they were asked for.
func shown(data json.RawMessage, items bool) (json.RawMessage, error) {
	m := map[string]json.RawMessage{}
	if err := json.Unmarshal(data, &m); err != nil {
		return nil, err
	}
	delete(m, "sandbox_payment_intent_data")
	delete(m, "sandbox_fails_at")
	if !items {
		delete(m, "line_items")
	}
	return json.Marshal(m)
}
