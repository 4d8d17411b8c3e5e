/* SPDX-License-Identifier: Apache-2.0 */

#include "app/ask/control_reply.h"

#include <stdarg.h>
#include <stdio.h>

void
control_reply_send(struct control_reply *reply, json_t *answer)
{
	reply->deliver(reply, answer);
}

/* A sentence may quote what is no UTF-8, or cut a character in two; it is told all the same. */
static json_t *
sentence(char *text)
{
	json_t *string = json_string(text);

	if (string != NULL)
		return string;
	for (char *byte = text; *byte != '\0'; byte++)
		if ((unsigned char)*byte > 0x7f)
			*byte = '?';
	return json_string(text);
}

void
control_reply_error(struct control_reply *reply, const char *format, ...)
{
	char text[sizeof(((struct err *)0)->text)];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	reply->deliver(reply, json_pack("{s:b, s:o}", "ok", 0, "error", sentence(text)));
}
