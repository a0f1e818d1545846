/*
 * sample_cells.c
 *		Covariates in the stored form of clv_sample.
 */
#include "models/sample_type.h"

#include <math.h>

#include "models/text_list.h"

static Size
text_size(const ClvCovariates *covariates)
{
	Size		size = 0;
	int			i;
	int			j;

	for (i = 0; i < covariates->n; i++)
	{
		size += strlen(covariates->covariate[i].name) + 1;
		for (j = 0; j < covariates->covariate[i].levels; j++)
			size += strlen(covariates->covariate[i].level[j]) + 1;
	}
	return TYPEALIGN(8, size);
}

static inline Size
cell_size(int covariates)
{
	return (1 + covariates) * sizeof(double);
}

/* bytes of covariates and cells */
Size
clv_cells_size(const ClvCovariates *covariates)
{
	return sizeof(ClvSampleCells) + covariates->cells * cell_size(covariates->n) +
		text_size(covariates);
}

/* write them to zeros, with the number of patterns of each cell */
void
clv_cells_write(char *to, const ClvCovariates *covariates, const uint64 *patterns, int rest)
{
	ClvSampleCells *head = (ClvSampleCells *) to;
	double	   *numbers = (double *) (void *) (to + sizeof(ClvSampleCells));
	uint32		c;
	int			i;
	int			j;

	head->rest = rest;
	head->covariates = covariates->n;
	head->cells = covariates->cells;
	head->text = (int64) text_size(covariates);
	for (c = 0; c < covariates->cells; c++)
	{
		*numbers++ = (double) patterns[c];
		memcpy(numbers, clv_cell_values(covariates, c), covariates->n * sizeof(double));
		numbers += covariates->n;
	}
	to = (char *) numbers;
	for (i = 0; i < covariates->n; i++)
	{
		const ClvCovariate *covariate = &covariates->covariate[i];

		head->levels[i] = covariate->levels;
		to = clv_text_put(to, covariate->name);
		for (j = 0; j < covariate->levels; j++)
			to = clv_text_put(to, covariate->level[j]);
	}
}

/* how many of "room" bytes they are; 0 if they would be more, or cannot be */
Size
clv_cells_read_size(const char *from, Size room)
{
	const ClvSampleCells *head = (const ClvSampleCells *) from;

	if (room < sizeof(ClvSampleCells))
		return 0;
	room -= sizeof(ClvSampleCells);
	if (head->covariates < 1 || head->covariates > CLV_MAX_COVARIATES ||
		head->cells < 0 || head->cells >= CLV_MAX_CELLS ||
		(uint64) head->cells > room / cell_size(head->covariates) ||
		head->text < 0 || head->text % 8 != 0 ||
		(uint64) head->text > room - head->cells * cell_size(head->covariates))
		return 0;
	return sizeof(ClvSampleCells) + head->cells * cell_size(head->covariates) + head->text;
}

/* names and levels, in order and nothing else */
static bool
read_texts(const ClvSampleCells *head, const char *from, ClvCovariates *covariates)
{
	const char *end = from + head->text;
	const char *name = NULL;
	int			i;
	int			j;

	covariates->n = head->covariates;
	for (i = 0; i < CLV_MAX_COVARIATES; i++)
	{
		ClvCovariate *covariate = &covariates->covariate[i];
		const char *level = NULL;

		if (i >= head->covariates ? head->levels[i] != 0 :
			head->levels[i] < 0 || head->levels[i] > CLV_MAX_LEVELS)
			return false;
		if (i >= head->covariates)
			continue;
		covariate->name = clv_text_next(&from, end, name);
		if ((name = covariate->name) == NULL)
			return false;
		covariate->levels = head->levels[i];
		covariate->is_number = covariate->levels == 0;
		covariate->level = palloc(Max(covariate->levels, 1) * sizeof(char *));
		for (j = 0; j < covariate->levels; j++)
		{
			level = covariate->level[j] = clv_text_next(&from, end, level);
			if (level == NULL)
				return false;
		}
	}
	return clv_text_ends(from, end);
}

/* does a cell with these values come after the one before it? */
static bool
is_good_cell(const ClvCovariates *covariates, const double *values, const double *before)
{
	bool		after = before == NULL;
	int			i;

	for (i = 0; i < covariates->n; i++)
	{
		const ClvCovariate *covariate = &covariates->covariate[i];

		if (covariate->is_number ? !(fabs(values[i]) <= CLV_MAX_COVARIATE) :
			!clv_is_whole(values[i], covariate->levels - 1))
			return false;
		if (!after && values[i] != before[i])
		{
			if (values[i] < before[i])
				return false;
			after = true;
		}
	}
	return after;
}

/*
 * Covariates and cells of a sample whose size has been checked; false if they
 * cannot be.
 */
bool
clv_cells_read(const ClvStoredSample *sample, ClvCovariates *covariates, ClvCovariateCell *cells)
{
	const char *from = (const char *) &sample->patterns[sample->n];
	const ClvSampleCells *head = (const ClvSampleCells *) from;
	const double *numbers = (const double *) (const void *) (from + sizeof(ClvSampleCells));
	const double *before = NULL;
	size_t		used = 0;
	int64		c;

	if (!read_texts(head, (const char *) (numbers + head->cells * (1 + head->covariates)),
					covariates))
		return false;
	covariates->cells = covariates->room = (uint32) head->cells;
	covariates->values = palloc_extended(Max(head->cells, 1) * head->covariates * sizeof(double),
										 MCXT_ALLOC_HUGE);
	for (c = 0; c < head->cells; c++)
	{
		double	   *values = covariates->values + c * head->covariates;

		if (!clv_is_whole(*numbers, (double) sample->n) || *numbers < 1 ||
			!is_good_cell(covariates, numbers + 1, before))
			return false;
		before = memcpy(values, numbers + 1, head->covariates * sizeof(double));
		cells[c] = (ClvCovariateCell) {values, used, (size_t) *numbers};
		used += cells[c].n;
		numbers += 1 + head->covariates;
	}
	return used == (size_t) sample->n;
}

/* those of a sample that has been read; NULL if it has none, or they cannot be */
ClvCovariates *
clv_sample_covariates(const ClvStoredSample *sample, ClvCovariateCell **cells)
{
	const ClvSampleCells *head = (const ClvSampleCells *) &sample->patterns[sample->n];
	ClvCovariates *covariates;

	if (sample->version < CLV_SAMPLE_VERSION)
		return NULL;
	covariates = clv_covariates_create(CurrentMemoryContext);
	*cells = palloc_extended(Max(head->cells, 1) * sizeof(ClvCovariateCell), MCXT_ALLOC_HUGE);
	return clv_cells_read(sample, covariates, *cells) ? covariates : NULL;
}
