/* SPDX-License-Identifier: Apache-2.0 */

#include "app/run/privileges.h"

#include "app/run/thread_credentials.h"

#include <cap-ng.h>
#include <errno.h>
#include <pwd.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static int
find_user(struct privileges *privileges, const char *user, struct err *err)
{
	const struct passwd *found;

	if (geteuid() != 0)
		return err_set(err, EPERM,
				"privileges.user: only root can become '%s'; start as root, or leave the key out",
				user);
	errno = 0;
	found = getpwnam(user);
	if (found == NULL)
		return err_set(err, ENOENT,
				"privileges.user: there is no user '%s'%s%s; 'useradd --system %s' makes one",
				user, errno != 0 ? ": " : "", errno != 0 ? strerror(errno) : "",
				user);
	if (found->pw_uid == 0)
		return err_set(err, EINVAL,
				"privileges.user: '%s' is root, who gives up nothing; name another user, or leave the key out",
				user);
	*privileges = (struct privileges){
		.drop = true, .uid = found->pw_uid, .gid = found->pw_gid
	};
	return 0;
}

/* Both pass on to the threads that are made later, and only to these. */
static int
gain_nothing(struct err *err)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return err_set(err, errno, "the kernel does not know no_new_privs: %s",
				strerror(errno));
	capng_get_caps_process();
	if (!capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP))
		return 0; /* who may not do this has hardly anything to bound */
	capng_clear(CAPNG_SELECT_BOUNDS);
	if (capng_apply(CAPNG_SELECT_BOUNDS) != 0)
		return err_set(err, EPERM, "the kernel refuses to clear the bounding set");
	return 0;
}

int
privileges_prepare(struct privileges *privileges, const char *user, struct err *err)
{
	int rc = 0;

	*privileges = (struct privileges){ .uid = geteuid(), .gid = getegid() };
	if (user[0] != '\0')
		rc = find_user(privileges, user, err);
	return rc < 0 ? rc : gain_nothing(err);
}

/* Whether this thread has all of them; if not, the sentence names the first it lacks. */
static int
check_held(uint64_t kept, struct err *err)
{
	capng_get_caps_process();
	for (unsigned int capability = 0; capability < 64; capability++) {
		if ((kept & PRIVILEGES_BIT(capability)) == 0 ||
				capng_have_capability(CAPNG_PERMITTED, capability))
			continue;
		return err_set(err, EPERM,
				"the capability '%s' is needed and was not given: see CapabilityBoundingSet= of the service, or '--cap-add' of the container",
				capng_capability_to_name(capability));
	}
	return 0;
}

static void
choose(uint64_t kept)
{
	capng_clear(CAPNG_SELECT_ALL);
	for (unsigned int capability = 0; capability < 64; capability++) {
		if ((kept & PRIVILEGES_BIT(capability)) != 0)
			capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, capability);
	}
}

/* libc changes the ids of every thread; with that, threads lose what this one has kept. */
static int
change_user(const struct privileges *privileges, struct err *err)
{
	const int rc = capng_change_id((int)privileges->uid, (int)privileges->gid,
			CAPNG_INIT_SUPP_GRP | CAPNG_CLEAR_AMBIENT);

	if (rc == 0)
		return 0;
	return err_set(err, EPERM,
			"privileges.user: the kernel refuses to make this process user %u (step %d); it takes the capabilities setuid, setgid and setpcap",
			privileges->uid, -rc);
}

int
privileges_drop(const struct privileges *privileges, uint64_t kept, struct err *err)
{
	const struct thread_credentials wanted = {
		.uid = privileges->uid, .gid = privileges->gid, .capabilities = kept
	};
	int rc;

	if (!privileges->drop)
		return 0;
	rc = check_held(kept, err);
	if (rc < 0)
		return rc;
	choose(kept);
	rc = change_user(privileges, err);
	return rc < 0 ? rc : thread_credentials_check(&wanted, err);
}

void
privileges_give_up_inherited(void)
{
	if (geteuid() == 0)
		return;
	capng_clear(CAPNG_SELECT_CAPS);
	capng_apply(CAPNG_SELECT_CAPS);
}
