/*
 * channels.h
 *		What customers cost and brought in, by channel and period of
 *		acquisition.
 */
#ifndef CLV_CHANNELS_H
#define CLV_CHANNELS_H

#include "clv.h"

#include "common/group.h"
#include "common/money.h"
#include "common/period.h"

/* the customers that a channel acquired in a period, and the spend on them */
typedef struct ClvChannelCell
{
	ClvGroupKey key;			/* first: channel, and number of the period */
	uint32		hash;
	char		status;			/* for simplehash */
	bool		is_mature;		/* all customers have reached the horizon */
	uint8		scale;			/* money is in units of 10^-scale */
	int			n_ages;			/* age in periods of all; 0 if immature */
	int64		customers;
	Numeric		spend;			/* NULL: unknown */
	Numeric		leads;
	ClvBalance	value;			/* by the horizon, or as_of */
	ClvBalance *ages;			/* in each of n_ages; NULL without customers */
} ClvChannelCell;

typedef struct ClvChannelRules
{
	ClvPeriods	periods;
	const Interval *horizon;
	DateADT		as_of;
	DateADT		acquired_from;
	DateADT		acquired_to;
} ClvChannelRules;

struct channels_hash;

typedef struct ClvChannels
{
	const ClvChannelRules *rules;
	MemoryContext context;
	struct channels_hash *hash;
	int64		n_ages;			/* of all cells */
	int			scale;			/* of all cells, when finished */
} ClvChannels;

/* in total; beyond that, an error instead of running out of memory */
#define CLV_MAX_CHANNEL_AGES	10000000
/* memory of a cell itself, in ages */
#define CLV_CHANNEL_CELL_AGES	8

/* the sum of any number of cells */
typedef struct ClvChannelSum
{
	int64		customers;
	int64		converted;		/* of these, where leads are known */
	Numeric		spend;
	Numeric		leads;
	ClvBalance	value;
	int			n_ages;			/* that all mature cells have reached */
	ClvBalance *ages;			/* until the end of each */
	int64		immature_customers;
	Numeric		immature_spend;
	Numeric		immature_leads;
	ClvBalance	immature_value;
} ClvChannelSum;

static inline bool
clv_same_channel(const ClvChannelCell *a, const ClvChannelCell *b)
{
	return clv_group_compare((ClvGroupKey) {0, a->key.group},
							 (ClvGroupKey) {0, b->key.group}) == 0;
}

extern ClvChannels *clv_channels_create(const ClvChannelRules *rules);
extern void clv_channels_add(ClvChannels *channels, Datum history, text *channel);
extern void clv_channels_spend(ClvChannels *channels, text *channel, DateADT day,
							   Numeric spend, Numeric leads);
extern ClvChannelCell **clv_channels_finish(ClvChannels *channels, int *n);
extern void clv_channels_by_period(ClvChannelCell **cells, int n);
extern void clv_channels_sum(ClvChannelCell *const *cells, int n,
							 ClvChannelSum *sum);

#endif							/* CLV_CHANNELS_H */
