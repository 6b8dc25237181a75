/* The copy of the game's state that the outside world reads. */
#ifndef PUBLISH_H
#define PUBLISH_H

void publish(void);

#endif
