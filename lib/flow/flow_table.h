/* placeholder while it is written */
#include "flow/flow_entry.h"
#include "flow/flow_key.h"
