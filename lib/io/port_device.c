/* SPDX-License-Identifier: Apache-2.0 */

#include "io/port_device.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/*
 * What a slot of AF_PACKET's ring keeps for itself, its header and addresses. Of a frame that
 * is longer than the rest the driver passes on the beginning, and nobody is told.
 */
#define RING_SLOT_HEADER 66
#define RING_SLOT_MIN 2048
#define RING_SLOT_MAX 16384

/* What a ring may take, so that a worker may be away for some milliseconds; but no fewer slots. */
#define RING_BYTES (4 << 20)
#define RING_SLOTS_MIN 512

/* The address as the kernel and DPDK write it; false if it is none. */
static bool
read_pci_address(const char *text, size_t len, char name[PORT_DEVICE_NAME_LEN])
{
	unsigned int domain = 0, bus, slot, function;
	int end = 0;

	if (strspn(text, "0123456789abcdefABCDEF:.") != len)
		return false;
	if (sscanf(text, "%8x:%2x:%2x.%1x%n", &domain, &bus, &slot, &function, &end) != 4) {
		domain = 0;
		if (sscanf(text, "%2x:%2x.%1x%n", &bus, &slot, &function, &end) != 3)
			return false;
	}
	snprintf(name, PORT_DEVICE_NAME_LEN, "%04x:%02x:%02x.%x", domain, bus, slot, function);
	return (size_t)end == len;
}

/* The value of an argument; false if it is not given. */
static bool
find_arg(const char *args, const char *key, char *value, size_t size)
{
	const size_t len = strlen(key);

	for (const char *at = args; at != NULL; at = strchr(at, ',')) {
		at += *at == ',';
		if (strncmp(at, key, len) != 0 || at[len] != '=')
			continue;
		snprintf(value, size, "%.*s", (int)strcspn(at + len + 1, ","), at + len + 1);
		return true;
	}
	return false;
}

static int
add_arg(struct port_device *device, const char *key, uint32_t value, struct err *err)
{
	const size_t used = strlen(device->args), left = sizeof(device->args) - used;
	const int len = snprintf(
			device->args + used, left, "%s%s=%u", used > 0 ? "," : "", key, value);

	if (len > 0 && (size_t)len < left)
		return 0;
	return err_set(err, E2BIG, "%s: its arguments are too long", device->name);
}

/* net_tap's iface is the name of one that it makes. */
static bool
is_on_interface(const struct port_device *device)
{
	static const char *const drivers[] = { "net_af_packet", "net_af_xdp", "net_pcap" };

	for (size_t i = 0; i < ARRAY_LEN(drivers); i++)
		if (strncmp(device->name, drivers[i], strlen(drivers[i])) == 0)
			return true;
	return false;
}

int
port_device_parse(const char *text, struct port_device *device, struct err *err)
{
	const size_t name_len = strcspn(text, ",");
	const char *args = text[name_len] == ',' ? text + name_len + 1 : "";
	char interface[64];

	*device = (struct port_device){ .is_pci = false };
	if (name_len == 0 || name_len >= sizeof(device->name) ||
			strlen(args) >= sizeof(device->args) - 64)
		return err_set(err, EINVAL,
				"%.64s: is neither a PCI address, such as 0000:01:00.0, nor a"
				" device such as net_af_packet0,iface=eth1",
				text);
	device->is_pci = read_pci_address(text, name_len, device->name);
	if (!device->is_pci)
		snprintf(device->name, sizeof(device->name), "%.*s", (int)name_len, text);
	strcpy(device->args, args);
	device->is_af_packet = strncmp(device->name, "net_af_packet", 13) == 0;
	if (is_on_interface(device) &&
			find_arg(device->args, "iface", interface, sizeof(interface))) {
		if (strlen(interface) >= sizeof(device->interface))
			return err_set(err, EINVAL, "%s: no interface has so long a name: '%s'",
					device->name, interface);
		strcpy(device->interface, interface);
	}
	if (!device->is_pci && strncmp(device->name, "net_", 4) != 0)
		return err_set(err, EINVAL,
				"%s: is neither a PCI address, such as 0000:01:00.0, nor a device"
				" such as net_af_packet0,iface=eth1",
				device->name);
	return 0;
}

/* The last part of what a link in sysfs leads to: "vfio-pci". */
static bool
read_link_name(const char *link, char *name, size_t size)
{
	char target[256];
	const ssize_t len = readlink(link, target, sizeof(target) - 1);
	const char *slash;

	if (len <= 0)
		return false;
	target[len] = '\0';
	slash = strrchr(target, '/');
	snprintf(name, size, "%.*s", (int)size - 1, slash != NULL ? slash + 1 : target);
	return true;
}

/*
 * Drivers that DPDK takes a device from the kernel with. Mellanox' and Microsoft's it drives
 * through the kernel's own.
 */
static bool
is_driver_for_dpdk(const char *driver)
{
	static const char *const known[] = { "vfio-pci", "igb_uio", "uio_pci_generic", "mlx4_core",
		"mlx5_core" };

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (strcmp(driver, known[i]) == 0)
			return true;
	return false;
}

static int
check_pci(const struct port_device *device, struct err *err)
{
	char path[128], driver[64];

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s", device->name);
	if (access(path, F_OK) != 0)
		return err_set(err, ENODEV,
				"%s: there is no such PCI device; 'dpdk-devbind.py --status-dev net'"
				" lists those there are",
				device->name);
	strcat(path, "/driver");
	if (!read_link_name(path, driver, sizeof(driver)))
		return err_set(err, ENODEV,
				"%s: no driver is bound to it; 'dpdk-devbind.py -b vfio-pci %s' does",
				device->name, device->name);
	if (!is_driver_for_dpdk(driver))
		return err_set(err, EBUSY,
				"%s: is in use by the kernel's driver %s;"
				" 'dpdk-devbind.py -b vfio-pci %s' frees it",
				device->name, driver, device->name);
	return 0;
}

static int
check_interface(const struct port_device *device, struct err *err)
{
	int fd;

	if (if_nametoindex(device->interface) == 0)
		return err_set(err, ENODEV,
				"%s: there is no interface '%s'; 'ip link' lists those there are",
				device->name, device->interface);
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (fd >= 0) {
		close(fd);
		return 0;
	}
	return err_set(err, errno,
			"%s: no permission to send and receive on interface '%s'; run this as root,"
			" or with the capabilities NET_RAW and NET_ADMIN",
			device->name, device->interface);
}

/* DPDK's net_pcap says of a capture that it cannot open no more than that. */
static int
check_capture(const struct port_device *device, struct err *err)
{
	char path[PORT_DEVICE_ARGS_LEN];

	if (!find_arg(device->args, "rx_pcap", path, sizeof(path)) || access(path, R_OK) == 0)
		return 0;
	return err_set(err, errno, "%s: rx_pcap=%s: %s", device->name, path, strerror(errno));
}

int
port_device_check(const struct port_device *device, struct err *err)
{
	if (device->is_pci)
		return check_pci(device, err);
	if (strncmp(device->name, "net_pcap", 8) == 0 && check_capture(device, err) < 0)
		return -ENOENT;
	if (device->interface[0] != '\0')
		return check_interface(device, err);
	if (device->is_af_packet || strncmp(device->name, "net_af_xdp", 10) == 0)
		return err_set(err, EINVAL,
				"%s: needs iface=NAME, the Linux interface that it is on",
				device->name);
	return 0;
}

static int
ask_interface(const struct port_device *device, unsigned long request, struct ifreq *ifreq)
{
	const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int rc;

	if (fd < 0)
		return -errno;
	memcpy(ifreq->ifr_name, device->interface, sizeof(ifreq->ifr_name));
	rc = ioctl(fd, request, ifreq) < 0 ? -errno : 0;
	close(fd);
	return rc;
}

uint32_t
port_device_mtu(const struct port_device *device)
{
	struct ifreq ifreq = { 0 };

	if (device->interface[0] == '\0')
		return ETH_DATA_LEN;
	return ask_interface(device, SIOCGIFMTU, &ifreq) < 0 ? 0 : (uint32_t)ifreq.ifr_mtu;
}

int
port_device_node(const struct port_device *device)
{
	char path[128];
	int node = -1;
	FILE *file;

	if (!device->is_pci)
		return -1;
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/numa_node", device->name);
	file = fopen(path, "re");
	if (file == NULL)
		return -1;
	if (fscanf(file, "%d", &node) != 1)
		node = -1;
	fclose(file);
	return node;
}

/* A slot for the longest frame; its block holds it, or several of the smallest. */
static int
complete_ring(struct port_device *device, uint32_t mtu, uint32_t *frame_room, struct err *err)
{
	uint32_t slot = RING_SLOT_MIN;
	char given[16];

	if (find_arg(device->args, "framesz", given, sizeof(given))) {
		*frame_room = (uint32_t)strtoul(given, NULL, 10);
		if (*frame_room >= mtu + PORT_DEVICE_OVERHEAD + RING_SLOT_HEADER)
			return 0;
		return err_set(err, EINVAL,
				"%s: framesz=%s is too small for an MTU of %u, which needs %u or more",
				device->name, given, mtu,
				mtu + PORT_DEVICE_OVERHEAD + RING_SLOT_HEADER);
	}
	while (slot < mtu + PORT_DEVICE_OVERHEAD + RING_SLOT_HEADER && slot < RING_SLOT_MAX)
		slot *= 2;
	*frame_room = slot;
	/* A block is a page at least: with the smallest slots, two of them. */
	if (slot > RING_SLOT_MIN &&
			(add_arg(device, "framesz", slot, err) < 0 ||
					add_arg(device, "blocksz", slot, err) < 0))
		return -E2BIG;
	if (find_arg(device->args, "framecnt", given, sizeof(given)))
		return 0;
	return add_arg(device, "framecnt",
			RING_BYTES / slot > RING_SLOTS_MIN ? RING_BYTES / slot : RING_SLOTS_MIN,
			err);
}

int
port_device_complete(struct port_device *device, uint32_t queues, uint32_t mtu,
		uint32_t *frame_room, struct err *err)
{
	char given[16];

	*frame_room = 0;
	if (!device->is_af_packet)
		return 0;
	if (find_arg(device->args, "qpairs", given, sizeof(given))) {
		if (strtoul(given, NULL, 10) != queues)
			return err_set(err, EINVAL,
					"%s: qpairs=%s, but %u is needed: a queue for each worker, or one"
					" where software steers; leave qpairs out, or set workers.count",
					device->name, given, queues);
	} else if (queues > 1 && add_arg(device, "qpairs", queues, err) < 0) {
		return -E2BIG;
	}
	return complete_ring(device, mtu, frame_room, err);
}

/*
 * An abstract socket's name is the network namespace's own, as an interface's is, and is
 * free again the moment its owner is gone, however that ends.
 */
int
port_device_lock(const struct port_device *device, struct err *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const char *what = device->interface[0] != '\0' ? device->interface : device->name;
	int fd, len, rc;

	/* Of drivers for tests and captures any number may run side by side. */
	if (!device->is_pci && device->interface[0] == '\0')
		return open("/dev/null", O_RDONLY | O_CLOEXEC);
	len = snprintf(address.sun_path + 1, sizeof(address.sun_path) - 1, "synwire/port/%s", what);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_set(err, errno, "%s: %s", what, strerror(errno));
	if (bind(fd, (const struct sockaddr *)&address,
			    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 +
					    (size_t)len)) == 0)
		return fd;
	rc = errno;
	close(fd);
	if (rc == EADDRINUSE)
		return err_set(err, EBUSY, "%s: is in use by another synwire", what);
	return err_set(err, rc, "%s: cannot be locked: %s", what, strerror(rc));
}
