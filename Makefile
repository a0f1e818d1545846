# clv: build and install as any PGXS extension does:
#
#     make && make install && make installcheck PG_CONFIG=/path/to/pg_config
#
# or out of tree: mkdir b && cd b && make -f ../Makefile
#
# `make demo`, `make dashboard`, `make check`, `make bench`, `make package` and their like need nothing beforehand: they run tools/ scripts,
# which get PostgreSQL where it is missing, and use a throwaway cluster that finds clv in the build directory.

EXTENSION  = clv
EXTVERSION = $(shell sed -n "s/^default_version *= *'\(.*\)'/\1/p" $(srcdir)/clv.control)

MODULE_big = clv
OBJS       = $(patsubst $(srcdir)/%.c,%.o,$(sort $(wildcard $(srcdir)/src/*.c $(srcdir)/src/*/*.c)))
LOCAL_HEADERS = $(wildcard $(srcdir)/src/*.h $(srcdir)/src/*/*.h)

# the views that clv_create_views() makes over its adapters, in this order
VIEWS      = model model_quality histories customers segments tiers forecast_intervals segment_moves segment_history settings retention cohorts \
             retention_by_group cohorts_by_group channels warnings lifecycle kpis kpis_by_group products \
             subscriptions mrr mrr_changes mrr_cohorts renewals audit
VIEW_FILES = $(VIEWS:%=$(srcdir)/sql/views/%.sql)
SQL_PARTS  = $(sort $(wildcard $(srcdir)/sql/[0-9][0-9]_*.sql $(srcdir)/sql/[0-9][0-9]_*.sql.in))
SCRIPT     = sql/clv--$(EXTVERSION).sql
# scripts of versions that are out, and from each of them the way to this one
DATA       = $(patsubst $(srcdir)/%,%,$(filter-out %/clv--$(EXTVERSION).sql,$(wildcard $(srcdir)/sql/released/clv--*.sql)))
UPGRADES   = $(DATA:sql/released/clv--%.sql=sql/clv--%--$(EXTVERSION).sql)
DATA_built = $(SCRIPT) $(UPGRADES)

# clang contracts a*b+c when it makes JIT bitcode, and only PG_CPPFLAGS reach it
PG_CPPFLAGS = -I$(srcdir)/src -ffp-contract=off -DCLV_VERSION='"$(EXTVERSION)"'

REGRESS        = $(patsubst $(srcdir)/test/sql/%.sql,%,$(sort $(wildcard $(srcdir)/test/sql/*.sql)))
REGRESS_OPTS   = --inputdir=$(srcdir)/test --load-extension=clv
REGRESS_PREP   = expected-dir
ISOLATION      = $(patsubst $(srcdir)/test/isolation/specs/%.spec,%,$(sort $(wildcard $(srcdir)/test/isolation/specs/*.spec)))
ISOLATION_OPTS = --inputdir=$(srcdir)/test/isolation --load-extension=clv
EXTRA_CLEAN    = results regression.diffs regression.out output_iso tmp_check build

PG_CONFIG     ?= pg_config

# Goals that tools/ scripts serve. Asked for alone, they must work before PostgreSQL is installed.
TOOL_GOALS = demo dashboard check bench package dist check-unit check-regress check-pgtap pgtap check-fuzz check-docs check-upgrade check-tap \
             check-client check-dashboard check-attack check-style check-ubsan
TOP       := $(dir $(abspath $(lastword $(MAKEFILE_LIST))))

ifneq ($(or $(filter-out $(TOOL_GOALS),$(MAKECMDGOALS)),$(if $(MAKECMDGOALS),,all)),)

# VPATH builds need the directories before the first object
OBJDIRS   := $(shell mkdir -p $(patsubst $(TOP)%,%,$(wildcard $(TOP)src/*/)) sql)
PGXS      := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)

# PGXS would look for everything in the source tree, and there take the objects of an in-tree build for ours
VPATH =
vpath %.c $(srcdir)
vpath %.control $(srcdir)

$(OBJS) $(OBJS:.o=.bc): $(LOCAL_HEADERS) $(srcdir)/clv.control

$(SCRIPT): $(SQL_PARTS) $(VIEW_FILES) $(srcdir)/tools/expand-sql $(srcdir)/tools/expand-views $(srcdir)/clv.control
	awk -f $(srcdir)/tools/expand-sql $(SQL_PARTS) > $@
	awk -f $(srcdir)/tools/expand-views $(VIEW_FILES) >> $@

$(UPGRADES): sql/clv--%--$(EXTVERSION).sql: $(srcdir)/sql/released/clv--%.sql $(SCRIPT) $(srcdir)/tools/expand-upgrade
	awk -f $(srcdir)/tools/expand-upgrade $< $(SCRIPT) > $@ || { rm -f $@; exit 1; }

# PGXS would put all pages into one folder, where their links lead nowhere
DOC_DIR = $(DESTDIR)$(docdir)/$(docmoduledir)/clv
.PHONY: install-docs uninstall-docs
install: install-docs
install-docs:
	$(MKDIR_P) '$(DOC_DIR)/docs/reference'
	$(INSTALL_DATA) $(srcdir)/README.md $(srcdir)/CHANGELOG.md $(srcdir)/SECURITY.md $(srcdir)/CONTRIBUTING.md $(srcdir)/LICENSE '$(DOC_DIR)'
	$(INSTALL_DATA) $(wildcard $(srcdir)/docs/*.md $(srcdir)/docs/*.png) '$(DOC_DIR)/docs'
	$(INSTALL_DATA) $(wildcard $(srcdir)/docs/reference/*.md) '$(DOC_DIR)/docs/reference'
uninstall: uninstall-docs
uninstall-docs:
	rm -rf '$(DOC_DIR)'

# pg_regress looks for expected/ in the build directory first
.PHONY: expected-dir
expected-dir:
	@test -e expected || ln -s $(abspath $(srcdir))/expected expected

endif

# Only what was asked for: PGXS has a `check` of its own, which makes a fuss when it is overridden.
define tool_goal
.PHONY: $(1)
$(1):
	@$(2)
endef
tool_of = $(if $(filter demo dashboard bench package dist,$(1)),$(TOP)tools/$(1),$(TOP)tools/check $(filter-out check,$(patsubst check-%,%,$(1))))
$(foreach goal,$(filter $(TOOL_GOALS),$(MAKECMDGOALS)),$(eval $(call tool_goal,$(goal),$(call tool_of,$(goal)))))
